// Runs docker-compose.yml and the Dockerfile: `npm run test:compose [-- [--official] [dockerfile] [compose] [dashboards]]`, all three where none is
// named. On the Docker engine that is there; where only its programs are, on engines of its own (that takes root): one in the machine's network, with
// which it changes nothing, to build on, and one in a network of its own to run on. The official images are stood in for by images of the same names,
// made of this machine's engines, unless --official says to pull them.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageDigests, withoutDigests } from '../../dev/generate/images.ts';
import { home, root } from '../../dev/paths.mjs';
import { run } from './support/docker.ts';
import { canStartEngine, engineIsThere, findCompose, startEngine, WITHOUT_NETWORKS } from './support/engine.ts';
import { load, makeImage, makeStandIns, type StandIns } from './support/images.ts';

const OFFICIAL = '--official';
const INSIDE = '--inside';

/** The tests, by the names of their files. */
const TESTS = ['dockerfile', 'compose', 'dashboards'] as const;
type Test = (typeof TESTS)[number];

/** What they need to be stood in for. */
const NEEDS: Record<Test, readonly StandIns[]> = { dockerfile: ['bases'], compose: ['engines'], dashboards: ['engines', 'dashboards'] };

/** Runs a program with this one's terminal. @returns its exit code */
function hand(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    spawn(program, args, { cwd: root, stdio: 'inherit' })
      .once('error', reject)
      .once('exit', (code) => resolve(code ?? 1));
  });
}

/** The archives that tests need; each is made if it is not there. */
async function archivesFor(tests: readonly Test[], official: boolean): Promise<string[]> {
  const archives = tests.some((test) => test !== 'dockerfile') ? [await makeImage()] : [];
  if (official) return archives;
  for (const set of new Set(tests.flatMap((test) => NEEDS[test]))) archives.push(...(await makeStandIns(set)));
  return archives;
}

/** Copies docker-compose.yml without digests, which stand-ins do not have. @returns the path of the copy */
function copyForStandIns(): string {
  const copy = join(home, 'compose-stand-ins.yml');
  writeFileSync(copy, withoutDigests(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), imageDigests()));
  return copy;
}

/** Runs tests on the engine that docker uses now. @returns the exit code */
async function test(tests: readonly Test[], official: boolean): Promise<number> {
  await load(await archivesFor(tests, official));
  await run('sh', ['dev/compose/env.sh']);
  if (!official) process.env.RENTMESH_COMPOSE_FILE = copyForStandIns();
  const files = tests.map((name) => `test/compose/${name}.test.ts`);
  return await hand(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/compose/vitest.config.ts', ...files]);
}

async function onEngineOfItsOwn(options: readonly string[], tests: readonly Test[], official: boolean): Promise<number> {
  const stop = await startEngine(options);
  try {
    return await test(tests, official);
  } finally {
    await stop();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const official = args.includes(OFFICIAL);
  const named = TESTS.filter((name) => args.includes(name));
  const unknown = args.filter((each) => ![OFFICIAL, INSIDE, ...TESTS].includes(each));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(' ')}: name some of ${TESTS.join(', ')}, or ${OFFICIAL}.`);
  const tests = named.length > 0 ? named : TESTS;
  if (args.includes(INSIDE)) return await onEngineOfItsOwn([], tests, official);

  // Before a network is left, since it may have to be fetched.
  process.env.RENTMESH_COMPOSE = await findCompose();
  if (engineIsThere()) return await test(tests, official);
  if (!canStartEngine()) throw new Error('There is no Docker engine, and none can be started here: that takes dockerd and root.');
  if (tests.includes('dockerfile')) {
    const code = await onEngineOfItsOwn(WITHOUT_NETWORKS, ['dockerfile'], official);
    if (code !== 0) return code;
  }
  const others = tests.filter((name) => name !== 'dockerfile');
  if (others.length === 0) return 0;
  await archivesFor(others, official);
  // Everything from here on, in a network that ends with it.
  const again = `ip link set lo up && exec "$0" "$@"`;
  const flags = official ? [OFFICIAL] : [];
  return await hand('unshare', ['--net', 'sh', '-c', again, process.execPath, import.meta.filename, INSIDE, ...flags, ...others]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
