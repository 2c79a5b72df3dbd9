// The API page: OpenAPI documents of the contracts, and a viewer that shows them, in gen/docs.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolders, grpcGatewayVersion, home, root, viewerVersion } from '../paths.mjs';
import { compressFolder } from './compress.mjs';
import { buildGoProgram } from './go.mjs';
import { environment, folderByRename, hashOf, node, npmCli, readIfThere, sweep } from './install.mjs';
import { LICENSES, writeViewerLicense } from './licenses.mjs';
import { Refusal, run } from './tools.mjs';

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
  await buildGoProgram(engineFolders.openapi, `github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3@v${grpcGatewayVersion}`);
  const buf = join(root, 'node_modules', '.bin', 'buf');
  await run('Generating OpenAPI documents from proto/', buf, ['generate', '--template', template, '-o', folder], { env: environment() });
}

/** As the registry tells it; the viewer is not in package-lock.json, because what it is built from (270 packages) is not needed to show it. */
const viewerIntegrity = 'sha512-XpEJ0rfc/cXbCrR+iC4kK0o/WwX2dTtGQbT049OlPKAHD6IMIFdTeGz2r+M27P2EDWKyUITRm/NzlP8z2pw/Ow==';

/** @type {import('./steps.mjs').Step} */
export const viewerStep = {
  name: 'API viewer',
  detail: `@scalar/api-reference ${viewerVersion} from npm`,
  tools: [],
  done: () => existsSync(join(engineFolders.viewer, LICENSES)),
  install: async () => {
    await folderByRename(engineFolders.viewer, async (folder) => {
      await run('Fetching the API viewer', process.execPath, [
        ...[npmCli(), 'pack', `@scalar/api-reference@${viewerVersion}`, '--pack-destination', folder, '--ignore-scripts', '--silent'],
      ]);
      const [archive = ''] = readdirSync(folder);
      const digest = createHash('sha512')
        .update(readFileSync(join(folder, archive)))
        .digest('base64');
      if (`sha512-${digest}` !== viewerIntegrity)
        throw new Refusal(`The API viewer that the npm registry sent is not the one that was expected (${archive}).`);
      await run('Unpacking the API viewer', 'tar', ['-xzf', join(folder, archive), '-C', folder, 'package/dist/browser']);
      const browser = join(folder, 'package', 'dist', 'browser');
      writeViewerLicense(browser, folder);
      for (const name of ['standalone.esm.js', 'chunks']) renameSync(join(browser, name), join(folder, name));
      rmSync(join(folder, 'package'), { recursive: true });
      rmSync(join(folder, archive));
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
  detail: 'OpenAPI documents and their viewer into gen/docs/',
  tools: [],
  done: () => readIfThere(join(docs, '.stamp')) === docsHash(),
  install: () =>
    folderByRename(docs, async (folder) => {
      const hash = docsHash();
      await run('Building the API page', node, [join(sources, 'build.ts'), folder], { env: environment() });
      await compressFolder(folder);
      // After the compression: the viewer is compressed once, when it is fetched.
      cpSync(engineFolders.viewer, join(folder, 'viewer'), { recursive: true });
      // Drafts are their maker's alone; in an image another user serves them.
      for (const each of [folder, join(folder, 'viewer')]) chmodSync(each, 0o755);
      writeFileSync(join(folder, '.stamp'), hash);
    }),
};
