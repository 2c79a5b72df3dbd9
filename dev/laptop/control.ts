import { existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { z } from 'zod';
import { withLock } from '../bootstrap/lock.mjs';
import type { PolicyStatus } from './policy.ts';
import { StartRefused } from './ports.ts';
import type { ProcessStatus } from './process-spec.ts';

/** What the supervisor answers to `status`. */
export interface SystemStatus {
  readonly instance: number;
  readonly pid: number;
  /** `http://127.0.0.1:8088`, where REST and gRPC are offered. */
  readonly edge: string;
  /** False while it is still starting. */
  readonly ready: boolean;
  /** Names of the systems that run. */
  readonly systems: readonly string[];
  /** Whether the policy files are in force as they were saved; undefined while it is still starting. */
  readonly policy: PolicyStatus | undefined;
  /** Warnings about the policies in force, as `file:line: message`. */
  readonly warnings: readonly string[];
  readonly processes: readonly ProcessStatus[];
}

/** What can be asked of a running system. */
export interface Control {
  status(): Promise<SystemStatus>;
  /** Starts what was stopped and waits until it is ready. A name is one process, or a service with all its replicas; see resolveName. */
  start(name: string): Promise<void>;
  /** Stops it until it is started again. */
  stop(name: string): Promise<void>;
  restart(name: string): Promise<void>;
  /** Sends a signal. A process that dies of it is started again. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /**
   * Starts or stops replicas of a service until it has this many, and resolves when every sidecar balances calls to them and to no other.
   * No call fails of it. It holds until the system is stopped.
   *
   * @param service `rentcar/car`, whose replicas are rentcar/car-1, rentcar/car-2, … at the addresses of `podOf`; or `car` where that is unambiguous
   */
  scale(service: string, replicas: number): Promise<void>;
  /** Adds a system, and waits until it is ready and offered by the edge. */
  up(system: string): Promise<void>;
  /** Takes a system away. Not the last one: `shutdown` does that. */
  down(system: string): Promise<void>;
  /** Stops everything; resolves when the last process has ended. */
  shutdown(): Promise<void>;
}

/** Nobody answers at the socket: no supervisor is running. */
export class NotRunning extends Error {
  override readonly name = 'NotRunning';

  constructor() {
    super('Rentmesh is not running: start it with `npm start`, or with `npm run up` in the background.');
  }
}

const request = z.object({
  command: z.enum(['status', 'start', 'stop', 'restart', 'kill', 'scale', 'up', 'down', 'shutdown']),
  name: z.string().optional(),
  signal: z.string().optional(),
  replicas: z.number().optional(),
});

type Request = z.infer<typeof request>;

/** Parses a request. @throws Error that quotes the line, if it is none */
function readRequest(line: string): Request {
  const read = request.safeParse(parseJson(line));
  if (read.success) return read.data;
  throw new Error(`this is not a request of the control API: ${line.trim().slice(0, 200)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Answer = { readonly result: unknown } | { readonly error: string };

/** One request and one answer on a connection, each a line of JSON. @throws NotRunning, or Error with the supervisor's sentence */
function ask(socket: string, request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let received = '';
    const connection = connect(socket, () => connection.write(`${JSON.stringify(request)}\n`));
    connection.setEncoding('utf8');
    connection.on('data', (chunk) => {
      received += chunk;
    });
    connection.on('error', (error: NodeJS.ErrnoException) =>
      reject(['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '') ? new NotRunning() : error),
    );
    connection.on('close', () => {
      if (received === '') return reject(new Error('the supervisor ended before it answered'));
      // Written by serveControl below.
      const answer = JSON.parse(received) as Answer;
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.result);
    });
  });
}

/** The client of a system's control API. @param socket its path, from `topology(…).state.socket` */
export function controlClient(socket: string): Control {
  const act = async (request: Request) => {
    await ask(socket, request);
  };
  return {
    // The other end is serveControl, of the same version.
    status: async () => (await ask(socket, { command: 'status' })) as SystemStatus,
    start: (name) => act({ command: 'start', name }),
    stop: (name) => act({ command: 'stop', name }),
    restart: (name) => act({ command: 'restart', name }),
    kill: (name, signal = 'SIGKILL') => act({ command: 'kill', name, signal }),
    scale: (name, replicas) => act({ command: 'scale', name, replicas }),
    up: (name) => act({ command: 'up', name }),
    down: (name) => act({ command: 'down', name }),
    shutdown: () => act({ command: 'shutdown' }),
  };
}

/** Runs the command of a request. @throws Error that quotes the line, if it is none */
async function perform(control: Control, line: string): Promise<unknown> {
  const { command, name = '', signal, replicas = 1 } = readRequest(line);
  switch (command) {
    case 'status':
      return control.status();
    case 'shutdown':
      return control.shutdown();
    case 'kill':
      // What is no signal is refused by the kernel's list of them.
      return control.kill(name, signal as NodeJS.Signals | undefined);
    case 'scale':
      return control.scale(name, replicas);
    default:
      return control[command](name);
  }
}

/** Whether a supervisor answers at the socket. */
async function isAnswered(socket: string): Promise<boolean> {
  try {
    await controlClient(socket).status();
    return true;
  } catch (error) {
    return !(error instanceof NotRunning);
  }
}

/**
 * Offers the control API. Having the socket is also what makes a system the only one of its instance.
 *
 * @throws StartRefused if another supervisor has it
 */
export async function serveControl(socket: string, control: Control): Promise<Server> {
  // One at a time: between looking and listening another one could do the same.
  return await withLock(
    `${socket}.lock`,
    () => undefined,
    () => listen(socket, control),
  );
}

async function listen(socket: string, control: Control): Promise<Server> {
  if (existsSync(socket)) {
    if (await isAnswered(socket))
      throw new StartRefused('Rentmesh is already running: `npm run status` shows it, `npm run down` stops it.');
    rmSync(socket, { force: true });
  }
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    let received = '';
    connection.setEncoding('utf8');
    connection.on('error', () => undefined);
    connection.on('data', (chunk) => {
      received += chunk;
      if (!received.endsWith('\n')) return;
      const end = (answer: Answer) => connection.end(JSON.stringify(answer));
      perform(control, received).then(
        (result) => end({ result: result ?? null }),
        (error: Error) => end({ error: error.message }),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return server;
}
