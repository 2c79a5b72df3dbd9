import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { topology } from '../dev/laptop/topology.ts';
import { home, root } from '../dev/paths.mjs';
import { loadMesh } from '../envoy/index.ts';
import { scopeOf } from '../envoy/policy/scope.ts';
import { INSTANCE } from './support/instance.ts';

/** An instance of its own: the tested one goes on. */
const OTHER = (INSTANCE + 70) % 200;
const STEP_LIMIT_MS = 300_000;

/** A copy of the checkout with its packages and engines; the checkout itself stays as it is. */
const copy = mkdtempSync(join(tmpdir(), 'rentmesh-new-'));
const { edgeListen } = topology(OTHER);
const edge = `http://${edgeListen.host}:${edgeListen.port}`;

/** Runs a program in the copy. Rejects with its output unless it ends with 0. */
async function run(...command: string[]): Promise<string> {
  const child = spawn(process.execPath, command, {
    cwd: copy,
    env: { ...process.env, RENTMESH_INSTANCE: String(OTHER), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

const npmRun = async (name: string, ...args: string[]) => await run('dev/bootstrap.mjs', name, ...args);

beforeAll(() => {
  const linked = ['node_modules', '.rentmesh', '.git'];
  for (const name of readdirSync(root)) if (!linked.includes(name)) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, '.rentmesh'));
  for (const name of ['engines', 'protovalidate']) symlinkSync(join(home, name), join(copy, '.rentmesh', name));
});

afterAll(async () => {
  await npmRun('down');
  rmSync(copy, { recursive: true });
}, STEP_LIMIT_MS);

/** The commands of a section of CONTRIBUTING.md, in their order. */
function commandsOf(section: string): string[] {
  const text =
    readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
      .split(/^## /m)
      .find((part) => part.startsWith(`${section}\n`)) ?? '';
  return [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block = '']) => block.split('\n').flatMap((line) => line.trim() || []));
}

/** Runs a command of CONTRIBUTING.md in the copy, on its instance. */
async function perform(command: string): Promise<string> {
  const [, script, args = ''] = /^npm run ([\w:]+)(?: -- (.*))?$/.exec(command) ?? [];
  if (script !== undefined) return await npmRun(script, ...args.split(' ').filter((word) => word !== ''));
  expect(command, 'a command that this test knows how to run').toMatch(/^curl localhost:8088\//);
  const { stdout } = await promisify(execFile)('sh', ['-c', command.replace('curl localhost:8088', `curl -sS --fail-with-body ${edge}`)]);
  return stdout;
}

it(
  'the steps to add a system work as they stand, and the system runs alone and beside another',
  async () => {
    const outputs = new Map<string, string>();
    for (const command of commandsOf('Add a system')) outputs.set(command.split(' ').slice(0, 5).join(' '), await perform(command));
    expect(outputs.get('npm run up -- bank')).toContain('Proving that Bank works');
    expect(outputs.get('npm run check')).toContain('It holds');
    await run('node_modules/@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', 'services', 'test/bank', 'dev');
    await run('dev/mesh/main.ts', 'lint', '--strict', 'mesh');
    const shown = async () => await (await fetch(`${edge}/app/systems.json`)).json();
    expect(await shown()).toEqual(['bank']);
    expect((await fetch(`${edge}/rentcar/cars`)).status, 'a system that does not run').toBe(404);
    expect(await npmRun('status'), 'no service of bank keeps its data in MongoDB').not.toMatch(/mongo/i);

    await npmRun('up', 'rentcar');
    expect(await npmRun('status')).toMatch(/mongo/i);
    expect((await fetch(`${edge}/rentcar/cars`)).status).toBe(200);
    await vi.waitFor(async () => expect(await shown()).toEqual(['bank', 'rentcar']), { timeout: 10_000 });
    await npmRun('down', 'rentcar');
    expect((await fetch(`${edge}/rentcar/cars`)).status).toBe(404);
    expect((await fetch(`${edge}/bank/desks`)).status, 'the other system').toBe(200);
  },
  STEP_LIMIT_MS,
);

it(
  'the steps to add a service work as they stand',
  async () => {
    const commands = commandsOf('Add a service');
    expect(commands).toContain('npm run new -- service bank clerk');
    for (const command of commands) await perform(command);
    expect(await (await fetch(`${edge}/bank/clerks`)).json()).toMatchObject({ clerks: [{ clerkId: expect.any(String), name: 'Ben' }] });
    const mesh = loadMesh([join(copy, 'mesh')]);
    const visibleIn = (namespace: string) =>
      scopeOf(mesh, { namespace, labels: {} })
        .services.map(({ host }) => host)
        .filter((host) => host.endsWith('.bank.svc.cluster.local'));
    expect(visibleIn('edge').toSorted()).toEqual(['clerk.bank.svc.cluster.local', 'desk.bank.svc.cluster.local']);
    expect(visibleIn('bank'), 'what sidecars of bank need no configuration for').toEqual([]);
  },
  STEP_LIMIT_MS,
);

it('a name that cannot be, and a system that exists, are refused with a sentence', async () => {
  await expect(npmRun('new', 'system', 'Big-Bank')).rejects.toThrow('"Big-Bank" is no name: use 2 to 20 lower-case letters and digits');
  await expect(npmRun('new', 'system', 'rentcar')).rejects.toThrow('There is a system "rentcar" already.');
  await expect(npmRun('new', 'service', 'nowhere', 'desk')).rejects.toThrow('There is no system "nowhere"; there are: ');
});
