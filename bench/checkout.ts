import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { controlClient, NotRunning } from '../dev/laptop/control.ts';
import { type Topology, topology } from '../dev/laptop/topology.ts';

/** A checkout of the repository whose system the benchmark starts and stops on an instance of its own. */
export class Checkout {
  readonly folder: string;
  /** Layout of the instance; its state is in the checkout's own `.rentmesh`. */
  readonly topology: Topology;

  constructor(folder: string, instance: number) {
    this.folder = folder;
    this.topology = topology(instance, { home: join(folder, '.rentmesh'), mesh: join(folder, 'mesh') });
  }

  /** Starts the system without any data. @throws Error if the instance is in use, or the start fails */
  async start(): Promise<void> {
    const { instance, state } = this.topology;
    const running = await controlClient(state.socket)
      .status()
      .catch((error: unknown) => {
        if (!(error instanceof NotRunning)) throw error;
      });
    if (running !== undefined) throw new Error(`instance ${instance} of ${this.folder} is running: choose another by --instance`);
    this.#removeState();
    const { code, output } = await this.run('up');
    if (code !== 0) throw new Error(`\`npm run up\` in ${this.folder} failed:\n${output}`);
  }

  /** Stops the system and removes its data. */
  async stop(): Promise<void> {
    const { code, output } = await this.run('down');
    if (code !== 0) throw new Error(`\`npm run down\` in ${this.folder} failed:\n${output}`);
    this.#removeState();
  }

  #removeState(): void {
    rmSync(this.topology.state.root, { recursive: true, force: true });
  }

  /** Checks the invariants of the running system. Checkouts of older commits have `check:stock` instead of `check`. */
  async check(): Promise<{ code: number | null; output: string }> {
    const { scripts } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    return await this.run('check' in scripts ? 'check' : 'check:stock');
  }

  /** Runs a command of the checkout (`up`, `down`) on its instance. */
  async run(name: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const { instance, edgeListen, mesh } = this.topology;
    const own = { RENTMESH_INSTANCE: String(instance), RENTMESH_PORT: String(edgeListen.port), RENTMESH_MESH: mesh, NO_COLOR: '1' };
    const child = spawn(process.execPath, ['dev/bootstrap.mjs', name, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, output }));
    });
  }
}
