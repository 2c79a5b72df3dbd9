import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { topology } from '../dev/laptop/topology.ts';
import { home, root } from '../dev/paths.mjs';
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

it(
  'a new system with two services compiles, passes the linters, and answers through the edge, alone and beside another',
  async () => {
    await npmRun('new', 'system', 'bank', 'desk');
    await npmRun('new', 'service', 'bank', 'clerk');
    await npmRun('generate');
    for (const project of ['.', 'services/gateway/web']) await run('node_modules/typescript/bin/tsc', '--noEmit', '-p', project);
    await run('node_modules/@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', 'services', 'test/bank', 'dev');
    await run('dev/mesh/main.ts', 'lint', '--strict', 'mesh');

    expect(await npmRun('up', 'bank')).toContain('Proving that Bank works');
    const shown = async () => await (await fetch(`${edge}/app/systems.json`)).json();
    expect(await shown()).toEqual(['bank']);
    const registered = await fetch(`${edge}/bank/clerks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ann' }),
    });
    expect(await registered.json()).toMatchObject({ clerkId: expect.any(String), name: 'Ann' });
    expect((await fetch(`${edge}/rentcar/cars`)).status, 'a system that does not run').toBe(404);
    expect(await npmRun('check')).toContain('It holds');

    await npmRun('up', 'rentcar');
    expect((await fetch(`${edge}/rentcar/cars`)).status).toBe(200);
    await vi.waitFor(async () => expect(await shown()).toEqual(['bank', 'rentcar']), { timeout: 10_000 });
    await npmRun('down', 'rentcar');
    expect((await fetch(`${edge}/rentcar/cars`)).status).toBe(404);
    expect((await fetch(`${edge}/bank/clerks`)).status, 'the other system').toBe(200);
  },
  STEP_LIMIT_MS,
);

it('a name that cannot be, and a system that exists, are refused with a sentence', async () => {
  await expect(npmRun('new', 'system', 'Big-Bank')).rejects.toThrow('"Big-Bank" is no name: use 2 to 20 lower-case letters and digits');
  await expect(npmRun('new', 'system', 'rentcar')).rejects.toThrow('There is a system "rentcar" already.');
  await expect(npmRun('new', 'service', 'nowhere', 'desk')).rejects.toThrow('There is no system "nowhere"; there are: ');
});
