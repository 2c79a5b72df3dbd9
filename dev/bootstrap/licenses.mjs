// The licences of what others wrote and the gateway serves to browsers, beside the files themselves.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, viewerVersion } from '../paths.mjs';

/** The name of the file in a folder of pages. */
export const LICENSES = 'licenses.md';

/**
 * Adds to the list that Vite makes the texts that its packages refer to and do not hold in a file of their own: that of Apache-2.0, and the one
 * of the parts of @bufbuild/protobuf that Google wrote, which is at the head of their source.
 * @param {string} folder of the built app
 */
export function completeAppLicenses(folder) {
  const source = readFileSync(join(root, 'node_modules', '@bufbuild', 'protobuf', 'dist', 'esm', 'wire', 'varint.js'), 'utf8');
  const [notice = ''] = /^(\/\/.*\n)+/.exec(source) ?? [];
  if (!notice.includes('Redistribution')) throw new Error('the source of @bufbuild/protobuf does not begin with its licence any more');
  const apache = readFileSync(join(root, 'LICENSE'), 'utf8');
  appendFileSync(
    join(folder, LICENSES),
    `\n## BSD-3-Clause, for parts of @bufbuild/protobuf\n\n${notice.replace(/^\/\/ ?/gm, '')}\n## Apache-2.0\n\n${apache}`,
  );
}

/**
 * Writes the licence of the API viewer, whose package names it without its text, and what is bundled in it, by its source maps.
 * @param {string} built the viewer as it came, with its maps
 * @param {string} folder where it is put
 */
export function writeViewerLicense(built, folder) {
  const maps = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.map'));
  const bundled = new Set(maps.flatMap((name) => packagesIn(readFileSync(join(built, name), 'utf8'))));
  const text = readFileSync(join(root, 'dev', 'docs', 'viewer-license.txt'), 'utf8');
  const list = [...bundled].sort().map((name) => `- ${name}\n`);
  writeFileSync(
    join(folder, LICENSES),
    `# Licenses\n\n## @scalar/api-reference - ${viewerVersion} (MIT)\n\n${text}\n## Bundled in it, each under its own licence\n\n${list.join('')}`,
  );
}

/**
 * The packages (name and version) whose files a source map names, as pnpm lays them out.
 * @param {string} map
 * @returns {string[]}
 */
function packagesIn(map) {
  /** @type {{ sources: string[] }} */
  const { sources } = JSON.parse(map);
  return sources.flatMap((source) => {
    const match = /\/\.pnpm\/(?:@[^@/]+\+)?[^@/]+@([^_(/]+)[^/]*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source);
    return match === null ? [] : [`${match[2]} ${match[1]}`];
  });
}
