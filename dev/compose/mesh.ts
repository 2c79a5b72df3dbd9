// Compiles the policies for the Envoys of docker-compose.yml, again whenever a policy file is saved:
// `node dev/compose/mesh.ts POLICIES TARGET`. An Envoy reads TARGET/<container>/bootstrap.json.
import { join } from 'node:path';
import { createLogger, reasonOf } from '#kit/runtime/log.ts';
import {
  collectorOf,
  countKinds,
  edgeSettings,
  formatFinding,
  loadMesh,
  type Mesh,
  offersPackage,
  writeEdge,
  writeSidecar,
} from '../../envoy/index.ts';
import { listFiles, watch } from '../laptop/watch.ts';
import { publicationWarning, runsPrometheus } from './exposure.ts';
import { composeContainer, composeEdge, composePod, composeServices, edgeListen, interfaces } from './layout.ts';

const log = createLogger('rentmesh/mesh', 'info');

/** Writes the configuration of every Envoy. The edge's is the last: the health check of the container waits for it. @throws PolicyError */
function compile(policies: string, target: string): Mesh {
  const mesh = loadMesh([policies]);
  const pods = composeServices.map((service) => ({ container: `${composeContainer(service)}-sidecar`, workload: composePod(service) }));
  const common = {
    mesh,
    workloads: pods.map(({ workload }) => workload),
    interfaces,
    ...(runsPrometheus(process.env.SYSTEMS ?? '') ? { stats: interfaces.inbound } : {}),
    tracing: collectorOf(process.env),
  };
  for (const { container, workload } of pods) writeSidecar({ ...common, workload, directory: join(target, container) });
  const settings = edgeSettings();
  const image = join(import.meta.dirname, '..', '..', 'gen', 'image.binpb');
  writeEdge({
    ...common,
    workload: composeEdge,
    directory: join(target, 'edge'),
    listen: edgeListen,
    image,
    settings,
    offers: (protoPackage) => offersPackage(settings, protoPackage),
  });
  return mesh;
}

/** Logs the warnings that the previous policies did not have. @returns all warnings */
function logWarnings({ warnings }: Mesh, known: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const all = new Set(warnings.map(formatFinding));
  for (const warning of all.difference(known)) log.warn(warning);
  return all;
}

const [policies, target] = process.argv.slice(2);
if (policies === undefined || target === undefined) {
  process.stderr.write('usage: node dev/compose/mesh.ts POLICIES TARGET\n');
  process.exit(2);
}
const warning = publicationWarning(process.env.RENTMESH_ADDRESS ?? '127.0.0.1');
if (warning !== undefined) log.warn(warning);
// Taken before the first compilation, so that a file saved meanwhile counts as changed.
const seen = listFiles(policies);
const first = compile(policies, target);
let known = logWarnings(first);
log.info({ policies, target, clusterOnly: countKinds(first.clusterOnly) }, 'policies applied');
watch(policies, seen, async () => {
  try {
    known = logWarnings(compile(policies, target), known);
    log.info({ policies }, 'changed policies applied');
  } catch (error) {
    log.error({ error: reasonOf(error) }, 'the changed policies have an error; the previous ones stay in force');
  }
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
// Watching files does not keep a process alive.
setInterval(() => undefined, 2 ** 30);
