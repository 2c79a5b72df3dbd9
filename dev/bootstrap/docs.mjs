// The OpenAPI document of the contracts, and the API page with the viewer that shows it, in gen/docs.
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolders, grpcGatewayVersion, home, root, viewerVersion } from '../paths.mjs';
import { compressFolder } from './compress.mjs';
import { buildGoProgram } from './go.mjs';
import { environment, folderByRename, hashOf, node, readIfThere, sweep } from './install.mjs';
import { LICENSES, writeViewerLicense } from './licenses.mjs';
import { fetchNpmPackage } from './pinned.mjs';
import { viewerPin } from './pins.mjs';
import { run } from './tools.mjs';

const sources = join(root, 'dev', 'docs');
const base = join(sources, 'base');
const baseStamp = join(base, 'contracts.sha256');
const template = join(sources, 'buf.gen.yaml');
const contracts = join(root, 'proto');

/** A hash of everything that the base is made of. */
const baseHash = () => {
  const protos = readdirSync(contracts, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.proto'));
  return hashOf([...protos.sort().map((name) => join(contracts, name)), template]);
};

/**
 * The base is committed, so that Go is needed only where a contract changed.
 * @type {import('./steps.mjs').Step}
 */
export const openApiBaseStep = {
  name: 'OpenAPI base',
  detail: `dev/docs/base/ by protoc-gen-openapiv3 ${grpcGatewayVersion}; commit it with the contracts`,
  tools: [],
  done: () => readIfThere(baseStamp)?.trim() === baseHash(),
  install: async () => {
    // Read before the generation: what is edited meanwhile is generated the next time.
    const hash = baseHash();
    const draft = mkdtempSync(join(home, '.draft-base-'));
    try {
      await generateOpenApiBase(draft);
      writeFileSync(join(draft, 'base', 'contracts.sha256'), `${hash}\n`);
      rmSync(base, { recursive: true, force: true });
      renameSync(join(draft, 'base'), base);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  },
};

/**
 * Generates the base anew into the folder `base` of another folder.
 * @param {string} folder
 */
export async function generateOpenApiBase(folder) {
  await buildGoProgram('openapi');
  const buf = join(root, 'node_modules', '.bin', 'buf');
  await run('Generating OpenAPI documents from proto/', buf, ['generate', '--template', template, '-o', folder], { env: environment() });
}

/** @type {import('./steps.mjs').Step} */
export const viewerStep = {
  name: 'API viewer',
  detail: `@scalar/api-reference ${viewerVersion} from npm`,
  tools: [],
  done: () => existsSync(join(engineFolders.viewer, LICENSES)),
  install: async () => {
    await folderByRename(engineFolders.viewer, async (folder) => {
      await fetchNpmPackage('Fetching the API viewer', viewerPin, folder);
      const browser = join(folder, 'package', 'dist', 'browser');
      writeViewerLicense(browser, folder);
      for (const name of ['standalone.esm.js', 'chunks']) renameSync(join(browser, name), join(folder, name));
      rmSync(join(folder, 'package'), { recursive: true });
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) if (name.endsWith('.map')) rmSync(join(folder, name));
      await compressFolder(folder, 9);
    });
    sweep(engineFolders.viewer);
  },
};

const docs = join(root, 'gen', 'docs');
const docsHash = () =>
  hashOf([
    sources,
    contracts,
    join(root, 'dev', 'paths.mjs'),
    join(root, 'dev', 'bootstrap', 'docs.mjs'),
    join(root, 'dev', 'bootstrap', 'compress.mjs'),
    join(root, 'dev', 'bootstrap', 'licenses.mjs'),
  ]);

/** @type {import('./steps.mjs').Step} */
export const docsStep = {
  name: 'API page',
  detail: 'OpenAPI document and its viewer into gen/docs/',
  tools: [],
  done: () => readIfThere(join(docs, '.stamp')) === docsHash(),
  install: () =>
    folderByRename(docs, async (folder) => {
      const hash = docsHash();
      await run('Building the API page', node, [join(sources, 'build.ts'), folder], { env: environment() });
      const page = join(folder, 'page');
      await compressFolder(page);
      // After the compression: the viewer is compressed once, when it is fetched.
      cpSync(engineFolders.viewer, join(page, 'viewer'), { recursive: true });
      // Drafts are their maker's alone; in an image another user serves them.
      for (const each of [folder, join(page, 'viewer')]) chmodSync(each, 0o755);
      writeFileSync(join(folder, '.stamp'), hash);
    }),
};
