import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envoyBinary, root } from '../../../dev/paths.mjs';
import { frontListener, meshCluster } from '../../../envoy/edge/front.ts';
import { publicImage } from '../../../envoy/edge/image.ts';
import { LIMITS, type Limits, processLimits } from '../../../envoy/edge/limits.ts';
import { MESH_CLUSTER } from '../../../envoy/edge/routes.ts';
import type { EdgeSettings } from '../../../envoy/edge/settings.ts';
import type { Message } from '../../../envoy/json.ts';
import { eventually } from '../../support/eventually.ts';

/** What stands for the mesh: it gets every request that the front passes on, whatever service it is for. */
export type Backend = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => unknown;

/** How a front is started that is tested. */
export interface FrontOptions {
  readonly backend: Backend;
  readonly limits?: Partial<Limits>;
  readonly settings?: Partial<EdgeSettings>;
}

/** A front in an Envoy of its own, with nothing of the mesh. */
export interface Front extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** A counter or gauge of Envoy. */
  stat(name: string): Promise<number>;
  /** Memory that Envoy has allocated, in bytes. */
  memory(): Promise<number>;
  /** The lines of the access log so far. */
  accessLog(): readonly Readonly<Record<string, unknown>>[];
  /** Ends what stands for the mesh, so that it cannot be reached. */
  endBackend(): void;
}

/** The contract of the tests of the front, as an image. */
export function everythingImage(): Uint8Array {
  built ??= buildImage();
  return built;
}

let built: Uint8Array | undefined;

function buildImage(): Uint8Array {
  const own = 'test/edge/front/proto';
  const google = 'node_modules/google-proto-files';
  const config = { version: 'v2', modules: [{ path: own }, { path: google, includes: [`${google}/google/api`, `${google}/google/rpc`] }] };
  return execFileSync(
    join(root, 'node_modules', '.bin', 'buf'),
    [
      ...['build', '.', '--config', JSON.stringify(config), '--as-file-descriptor-set', '-o', '-#format=binpb'],
      // With the types of error details, as the real image: the transcoder reads none that it does not know.
      ...['--path', `${own}/everything`, '--path', `${google}/google/rpc/error_details.proto`],
    ],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
}

/** Starts a front that offers what everything.proto says. It is ended when it is disposed of. */
export async function startFront({ backend, limits, settings }: FrontOptions): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'rentmesh-front-'));
  const image = publicImage(everythingImage());
  const imageFile = join(folder, 'image.binpb');
  writeFileSync(imageFile, image.bytes);
  return await startEnvoy({
    backend,
    folder,
    listener: frontListener({ host: HOST, port: 0, image, imageFile, limits: limits ?? {}, settings }),
    cluster: (endpoint) => meshCluster(MESH_CLUSTER, { endpoints: [{ lb_endpoints: [{ endpoint }] }] }),
    bootstrap: processLimits({ ...LIMITS, ...limits }),
  });
}

/** What an Envoy of its own is made from. */
export interface EnvoyOptions {
  readonly backend: Backend;
  /** Removed in the end. */
  readonly folder: string;
  /** Its only listener, on port 0 of HOST. */
  readonly listener: Message;
  /** Its only cluster, of the endpoint that stands for the mesh. */
  readonly cluster: (endpoint: Message) => Message;
  readonly bootstrap: Message;
}

/** Starts an Envoy with one listener and one cluster. It is ended when it is disposed of. */
export async function startEnvoy({ backend, folder, listener, cluster, bootstrap }: EnvoyOptions): Promise<Front> {
  const server = await listen(backend);
  const address = (port: number) => ({ socket_address: { address: HOST, port_value: port } });
  const configuration = {
    node: { id: 'front', cluster: 'front' },
    admin: { address: address(0) },
    ...bootstrap,
    static_resources: { listeners: [listener], clusters: [cluster({ address: address(server.port) })] },
  };
  writeFileSync(join(folder, 'bootstrap.json'), JSON.stringify(configuration));
  const adminFile = join(folder, 'admin');
  const log: string[] = [];
  const child = spawn(
    envoyBinary,
    [
      '-c',
      join(folder, 'bootstrap.json'),
      '--concurrency',
      '1',
      '--use-dynamic-base-id',
      '-l',
      'warning',
      '--file-flush-interval-msec',
      '50',
      '--admin-address-path',
      adminFile,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  let accesses = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    accesses += text;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const admin = async (path: string) => await (await fetch(`http://${readFileSync(adminFile, 'utf8')}${path}`)).text();
  const dispose = async () => {
    // Told to end in order, an Envoy that returns memory in the background takes a second.
    child.kill('SIGKILL');
    await ended;
    server.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await eventually(
      'the front listens',
      async () => {
        if (child.exitCode !== null) throw new Error(`Envoy has ended:\n${log.join('')}`);
        if ((await admin('/ready')).trim() !== 'LIVE') throw new Error('not yet');
        return portOf(await admin('/listeners?format=json'), String(listener.name));
      },
      START_MS,
    );
    return {
      host: HOST,
      port,
      url: `http://${HOST}:${port}`,
      stat: async (name) => Number((await admin(`/stats?filter=^${name.replaceAll('.', '\\.')}$`)).split(': ')[1] ?? 0),
      memory: async () => Number((JSON.parse(await admin('/memory')) as { allocated: string }).allocated),
      // Every line of it is a JSON object.
      accessLog: () =>
        accesses
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      endBackend: server.end,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Where the Envoys listen. */
export const HOST = '127.0.0.1';
/** How long an Envoy may take to start on a busy machine, in milliseconds. */
const START_MS = 50_000;

function portOf(listeners: string, wanted: string): number {
  // The form of Envoy's own JSON.
  const { listener_statuses: all } = JSON.parse(listeners) as {
    listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
  };
  const front = all.find(({ name }) => name === wanted);
  if (front === undefined) throw new Error('there is no listener yet');
  return front.local_address.socket_address.port_value;
}

async function listen(backend: Backend): Promise<{ port: number; end: () => void }> {
  const server: Http2Server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    // A caller that leaves is no failure of what stands for the mesh.
    stream.on('error', () => undefined);
    Promise.resolve(backend(stream, headers)).catch((error: unknown) => {
      if (!stream.destroyed) throw error;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const end = () => {
    server.close();
    for (const session of sessions) session.destroy();
  };
  return { port: address.port, end };
}

/** A gRPC message as it is sent: not compressed, its length, its bytes. */
export function frameOf(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Answers a gRPC call with messages and OK. */
export function answer(stream: ServerHttp2Stream, messages: readonly Uint8Array[], headers: Record<string, string> = {}): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  for (const message of messages) stream.write(frameOf(message));
  stream.end();
}

/** Reads the messages of a call. */
export async function messagesIn(stream: ServerHttp2Stream): Promise<Uint8Array[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += 5 + all.readUInt32BE(at + 1))
    messages.push(all.subarray(at + 5, at + 5 + all.readUInt32BE(at + 1)));
  return messages;
}
