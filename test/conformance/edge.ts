import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  create,
  createFileRegistry,
  fromBinary,
  getExtension,
  hasExtension,
  type Message,
  setExtension,
  toBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptionsSchema } from '@bufbuild/protobuf/wkt';
import { readImage } from '#kit/rpc/contracts.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { isReady } from '../../dev/laptop/admin.ts';
import { envoyBinary, home, root } from '../../dev/paths.mjs';
import { loadMesh, PORTS, type Workload, writeEdge, writeSidecar } from '../../envoy/index.ts';
import { GatewayServer } from '../../services/gateway/front-server.ts';
import { methodsOf } from '../../services/gateway/rpc/methods.ts';
import { eventually } from '../support/eventually.ts';
import { suiteImage } from './contracts.ts';
import { ConformanceService } from './service.ts';
import { LIMIT, MAX_MESSAGE_BYTES, type Target, withoutDetails } from './targets.ts';

/** The first number of the loopback addresses of its pods; instances of the system have 127.20 to 127.220. */
const NETWORK = '127.240';
const HOST = '127.0.0.1';

/** Two edges, of which the second takes messages of at most LIMIT bytes. */
export async function edgeTarget(): Promise<Target> {
  return { port: await openEdge(0, MAX_MESSAGE_BYTES), limitedPort: await openEdge(1, LIMIT) };
}

/** A mesh of its own: the edge, the gateway and the suite's service, each with its sidecar. */
async function openEdge(number: number, maxRequestBytes: number): Promise<number> {
  const pod = (name: string, namespace: string, host: number): Workload => {
    const address = `${NETWORK}.${number}.${host}`;
    return { name, namespace, address, labels: { app: name, version: 'v1' }, serviceAccount: name };
  };
  const [edge, gateway, service] = [pod('edge', 'edge', 1), pod('gateway', 'edge', 2), pod('conformance', 'connectrpc', 3)];
  const mesh = loadMesh([join(import.meta.dirname, 'mesh'), join(root, 'mesh', 'edge')]);
  const workloads = [gateway, service];
  const directory = join(home, 'conformance', `envoy-${number}`);
  const listen = { host: HOST, port: 8087 - number };
  rmSync(directory, { recursive: true, force: true });
  const publicImage = withAnnotations(suiteImage(), readImage());
  mkdirSync(directory, { recursive: true });
  const publicImageFile = join(directory, 'image.binpb');
  writeFileSync(publicImageFile, publicImage);
  const sockets = mkdtempSync(join(tmpdir(), 'rentmesh-conformance-'));
  process.once('exit', () => rmSync(sockets, { recursive: true, force: true }));
  const adminSocket = ({ name }: Workload) => join(sockets, `${name}.sock`);
  const options = (workload: Workload) => {
    const folder = join(directory, workload.name);
    mkdirSync(folder, { recursive: true });
    return { mesh, workload, workloads, directory: folder, adminSocket: adminSocket(workload) };
  };
  for (const workload of workloads) startEnvoy(writeSidecar(options(workload)));
  // The front tells a service its own bound of a unary call as a deadline, which is not what the suite's client has said.
  startEnvoy(writeEdge({ ...options(edge), listen, image: publicImageFile, limits: { unary: 0 } }));
  await new ConformanceService(maxRequestBytes).listen(service.address, PORTS.service);
  await startGateway(gateway, publicImage, maxRequestBytes);
  for (const workload of [edge, gateway, service]) {
    await eventually(`the Envoy of ${workload.name} is ready`, async () => {
      if (!(await isReady(adminSocket(workload)))) throw new Error('it is not');
    });
  }
  return listen.port;
}

function startEnvoy(bootstrap: string): void {
  const child = spawn(envoyBinary, ['-c', bootstrap, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
}

async function startGateway({ address }: Workload, image: Uint8Array, maxRequestBytes: number): Promise<void> {
  const entrance = new GatewayServer({
    methods: methodsOf(image),
    proxy: `${address}:${PORTS.outbound}`,
    maxRequestBytes,
    maxResponseBytes: MAX_MESSAGE_BYTES,
    pages: () => false,
    log: createLogger('conformance', 'warn'),
    errorTrailers: withoutDetails,
  });
  // There is no server of its own behind this one: what is no method of the suite finds nobody.
  await entrance.listen(`${address}:${PORTS.service}`, () => connectTcp(9, address));
}

/** The suite's methods as public ones: what makes a method public is its google.api.http, which the suite's have not. */
function withAnnotations(suite: Uint8Array, ours: Uint8Array): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, suite);
  const known = fromBinary(FileDescriptorSetSchema, ours);
  const http = createFileRegistry(known).getExtension('google.api.http');
  if (http === undefined) throw new Error('the image has no google.api.http');
  // A rule of ours to start from: the type is known by its name alone.
  const example = known.file
    .flatMap(({ service }) => service.flatMap(({ method }) => method))
    .find(({ options }) => options !== undefined && hasExtension(options, http));
  if (example?.options === undefined) throw new Error('no method of the image is public');
  const rule = getExtension(example.options, http) as HttpRule;
  for (const method of set.file.flatMap(({ service }) => service.flatMap((each) => each.method))) {
    method.options ??= create(MethodOptionsSchema);
    setExtension(method.options, http, {
      ...rule,
      pattern: { case: 'post', value: `/conformance/${method.name}` },
      body: '*',
      responseBody: '',
      additionalBindings: [],
    });
  }
  const there = new Set(set.file.map(({ name }) => name));
  const annotations = known.file.filter(({ name }) => ANNOTATIONS.includes(name) && !there.has(name));
  set.file.unshift(...annotations);
  return toBinary(FileDescriptorSetSchema, set);
}

/** What google.api.http needs. */
const ANNOTATIONS = ['google/protobuf/descriptor.proto', 'google/api/http.proto', 'google/api/annotations.proto'];

/** google.api.HttpRule. */
interface HttpRule extends Message {
  readonly pattern: unknown;
  readonly body: string;
  readonly responseBody: string;
  readonly additionalBindings: unknown[];
}
