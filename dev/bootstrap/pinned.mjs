// Fetches what pins.mjs names, and refuses what has another hash, before anything of it runs.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { npmCli } from './install.mjs';
import { Refusal, run } from './tools.mjs';

/**
 * Fetches an npm package and unpacks it into `<folder>/package`. None of its scripts runs.
 * @param {string} purpose as for `run`
 * @param {import('./pins.mjs').NpmPin} pin
 * @param {string} folder empty
 * @param {NodeJS.ProcessEnv} [env]
 * @throws {Refusal}
 */
export async function fetchNpmPackage(purpose, { name, version, integrity }, folder, env = process.env) {
  const pack = [npmCli(), 'pack', `${name}@${version}`, '--pack-destination', folder, '--ignore-scripts', '--silent'];
  await run(purpose, process.execPath, pack, { env });
  const [archive = ''] = readdirSync(folder);
  requireIntegrity(join(folder, archive), integrity);
  await run(`Unpacking ${name}`, 'tar', ['-xzf', join(folder, archive), '-C', folder]);
  rmSync(join(folder, archive));
}

/**
 * @param {string} file
 * @param {string} integrity `sha512-<base64>`
 * @throws {Refusal} for another content
 */
export function requireIntegrity(file, integrity) {
  const digest = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (`sha512-${digest}` !== integrity) throw new Refusal(`${relative('', file)} is not what was expected: its hash is sha512-${digest}.`);
}

/**
 * Installs a Python wheel into a folder. pip compares the hash before it unpacks. Source distributions, which run code, are refused.
 * @param {string} purpose as for `run`
 * @param {import('./pins.mjs').WheelPin} pin
 * @param {string} folder
 * @throws {Refusal}
 */
export async function fetchWheel(purpose, { requirement, sha256 }, folder) {
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, `${requirement} ${sha256.map((each) => `--hash=sha256:${each}`).join(' ')}\n`);
  await run(purpose, 'python3', [
    ...['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--no-compile'],
    ...['--require-hashes', '--target', folder, '-r', requirements],
  ]);
  rmSync(requirements, { force: true });
}

/**
 * Compares every file of a folder with a list of hashes.
 * @param {string} folder
 * @param {string} list path of a file with lines `<sha256>  <path in the folder>`, as sha256sum writes them
 * @throws {Refusal} naming each file that has another content, is missing, or is not in the list
 */
export function requireSums(folder, list) {
  const wanted = new Map(
    readFileSync(list, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => /** @type {[string, string]} */ ([line.slice(66), line.slice(0, 64)])),
  );
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const sentences = [
    ...[...wanted.keys()].filter((path) => !found.includes(path)).map((path) => `${path} is missing.`),
    ...found.flatMap((path) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex');
      if (wanted.get(path) === hash) return [];
      return [wanted.has(path) ? `${path} is not what was expected: its hash is ${hash}.` : `${path} was not expected.`];
    }),
  ];
  if (sentences.length > 0) throw new Refusal(`${sentences.join('\n')}\nThe hashes are in ${relative('', list)}.`);
}
