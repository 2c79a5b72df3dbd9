// The pages that the gateway serves, built from sources and contracts into gen/: only when one of their inputs changed.
import { chmodSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { compressFolder } from './compress.mjs';
import { environment, folderByRename, hashOf, node, readIfThere } from './install.mjs';
import { completeAppLicenses } from './licenses.mjs';
import { run } from './tools.mjs';

const generated = join(root, 'gen');

/** Names of the folders in gen/ that are built here; they are kept when code is generated anew. */
const pageFolders = ['web', 'docs'];

/**
 * Moves the built pages from one folder of generated files to another: whether they are out of date is for their own steps to say.
 * @param {string} from
 * @param {string} to
 */
export function carryPages(from, to) {
  for (const name of pageFolders) if (existsSync(join(from, name))) renameSync(join(from, name), join(to, name));
}

const packages = [
  '@bufbuild/protobuf',
  '@connectrpc/connect',
  '@connectrpc/connect-web',
  '@dagrejs/dagre',
  '@preact/signals',
  'preact',
  'preact-iso',
  'vite',
];
const web = join(generated, 'web');
/** The web app shows titles from the descriptors. */
const descriptors = () => {
  const services = join(root, 'services');
  return readdirSync(services)
    .map((name) => join(services, name, 'system.ts'))
    .filter((file) => existsSync(file));
};
const webHash = () =>
  hashOf([
    join(root, 'services', 'gateway', 'web'),
    // The footer links to it.
    join(root, 'docs', 'architecture.md'),
    join(generated, 'es'),
    join(root, 'dev', 'systems'),
    ...descriptors(),
    join(root, 'dev', 'bootstrap', 'compress.mjs'),
    join(root, 'dev', 'bootstrap', 'licenses.mjs'),
    ...packages.map((name) => join(root, 'node_modules', name, 'package.json')),
  ]);

/** @type {import('./steps.mjs').Step} */
export const webStep = {
  name: 'web app',
  detail: 'services/gateway/web into gen/web/',
  tools: [],
  done: () => readIfThere(join(web, '.stamp')) === webHash(),
  install: () =>
    folderByRename(web, async (folder) => {
      // Read before the build: what is edited meanwhile is built the next time.
      const hash = webHash();
      const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
      const app = join(root, 'services', 'gateway', 'web');
      await run('Building the web app', node, [vite, 'build', app, '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'], {
        env: environment(),
      });
      completeAppLicenses(folder);
      await compressFolder(folder);
      // A draft is its maker's alone; in an image another user serves it.
      chmodSync(folder, 0o755);
      writeFileSync(join(folder, '.stamp'), hash);
    }),
};
