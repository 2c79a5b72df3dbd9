import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../dev/paths.mjs';
import { eventually } from '../support/eventually.ts';
import { docker, run } from './support/docker.ts';

const IMAGE = 'rentmesh:built';
const AGAIN = 'rentmesh:built-again';

/** Any time; the same one for all builds. */
const EPOCH = '1700000000';

const folder = mkdtempSync(join(tmpdir(), 'rentmesh-image-'));
const containers: string[] = [];

/** The repository as it is when the test begins: what is edited meanwhile is no difference between two images. */
const sources = join(folder, 'sources');
/** What is large, and in no image's sources. */
const INSTALLED = ['node_modules', '.rentmesh'];

beforeAll(() => {
  for (const name of readdirSync(root))
    if (!INSTALLED.includes(name) && name !== '.git') cpSync(join(root, name), join(sources, name), { recursive: true });
  for (const name of INSTALLED) symlinkSync(join(root, name), join(sources, name));
});

afterAll(async () => {
  if (containers.length > 0) await docker('rm', '--force', ...containers);
  await docker('rmi', '--force', IMAGE, AGAIN);
  rmSync(folder, { recursive: true });
});

async function build(name: string): Promise<void> {
  const begin = performance.now();
  const args = ['--build-arg', 'REVISION=tested', '--build-arg', `SOURCE_DATE_EPOCH=${EPOCH}`];
  // Nothing is taken from an earlier build. In the network of the machine: an engine of the test's own has no other.
  await docker('build', '--quiet', '--no-cache', '--network', 'host', ...args, '--tag', name, sources);
  console.log(`  built in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

/** The digests of an image's layers: the same ones are the same root filesystem, times and owners included. */
async function layersOf(image: string): Promise<string[]> {
  return JSON.parse(await docker('inspect', '--format', '{{json .RootFS.Layers}}', image));
}

/** Puts the whole filesystem of an image into a folder. */
async function unpack(image: string, target: string): Promise<void> {
  const id = (await docker('create', image)).trim();
  containers.push(id);
  const archive = join(folder, 'export.tar');
  await docker('export', '--output', archive, id);
  mkdirSync(target);
  execFileSync('tar', ['-xpf', archive, '-C', target]);
  rmSync(archive);
}

/** What the engine puts into every container. */
const OF_THE_ENGINE = /^(?:\.dockerenv|(?:dev|proc|sys)(?:\/|$)|etc\/(?:hosts|hostname|resolv\.conf|mtab)$)/;

/** Every file and folder below a folder: its mode, and the digest of a file's content. */
function listing(base: string): Map<string, string> {
  return new Map(
    readdirSync(base, { recursive: true, encoding: 'utf8' })
      .filter((path) => !OF_THE_ENGINE.test(path))
      .toSorted()
      .map((path) => {
        const status = lstatSync(join(base, path));
        const content = status.isFile()
          ? createHash('sha256')
              .update(readFileSync(join(base, path)))
              .digest('hex')
          : 'folder';
        return [path, `${(status.mode & 0o7777).toString(8)} ${content}`];
      }),
  );
}

describe('the Dockerfile', () => {
  it('makes the same image each time from the same files', async () => {
    await build(IMAGE);
    await build(AGAIN);
    expect(await layersOf(AGAIN)).toEqual(await layersOf(IMAGE));
  });

  it('makes what `npm run image` makes without Docker', async () => {
    await unpack(IMAGE, join(folder, 'built'));
    const command = ['--disable-warning=ExperimentalWarning', join(sources, 'dev/commands/image.ts'), '--root', join(folder, 'here')];
    await run(process.execPath, command, { SOURCE_DATE_EPOCH: EPOCH });
    const built = listing(join(folder, 'built'));
    const [app, machine] = ['app', 'machine'].map((part) => listing(join(folder, 'here', part))) as [
      Map<string, string>,
      Map<string, string>,
    ];
    expect([...built.keys()]).toEqual([...app.keys(), ...machine.keys()].toSorted());
    // Libraries of the operating system may be of another release than this machine's.
    for (const [path, what] of app) expect(`${path} ${built.get(path)}`).toBe(`${path} ${what}`);
  });

  it('makes an image whose services start, as a user without rights on a root that is read-only', async () => {
    const settings = ['LISTEN_ADDRESS=127.0.0.1:50052', 'OUTBOUND_PROXY=127.0.0.1:15001'].flatMap((each) => ['--env', each]);
    const limits = ['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const id = (await docker('run', '--detach', ...limits, ...settings, IMAGE, 'services/gateway/main.ts')).trim();
    containers.push(id);
    await eventually(
      'the gateway',
      () => docker('exec', id, '/usr/local/bin/node', 'services/kit/rpc/probe.ts').then(() => undefined),
      60_000,
    );
    const uid = await docker('exec', id, '/usr/local/bin/node', '-p', 'process.getuid()');
    expect(uid.trim()).toBe('10001');
    await docker('stop', '--time', '20', id);
    expect((await docker('inspect', '--format', '{{.State.ExitCode}}', id)).trim()).toBe('0');
  });
});
