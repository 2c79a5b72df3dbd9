// Compiles the policies of the mesh for the Envoys of docker-compose.yml, again whenever a policy file is saved:
// `node dev/compose/mesh.ts POLICIES TARGET`. Each Envoy finds its configuration in TARGET/<its container's name>/bootstrap.json.
import { join } from 'node:path';
import { createLogger, reasonOf } from '#kit/runtime/log.ts';
import { collectorOf, edgeSettings, loadMesh, writeEdge, writeSidecar } from '../../envoy/index.ts';
import { look, watch } from '../laptop/watch.ts';
import { composeEdge, composePod, composeServices, edgeListen, interfaces } from './layout.ts';

const log = createLogger('rentmesh.mesh', 'info');

/** Writes the configuration of every Envoy; the edge's last, which tells that all are there. @throws PolicyError */
function compile(policies: string, target: string): void {
  const mesh = loadMesh([policies]);
  const pods = composeServices.map((service) => ({ container: `${service.name}-sidecar`, workload: composePod(service) }));
  const common = {
    mesh,
    workloads: pods.map(({ workload }) => workload),
    interfaces,
    stats: interfaces.inbound,
    tracing: collectorOf(process.env),
  };
  for (const { container, workload } of pods) writeSidecar({ ...common, workload, directory: join(target, container) });
  const image = join(import.meta.dirname, '..', '..', 'gen', 'image.binpb');
  writeEdge({
    ...common,
    workload: composeEdge,
    directory: join(target, 'edge'),
    listen: edgeListen,
    image,
    settings: edgeSettings(),
  });
}

const [policies, target] = process.argv.slice(2);
if (policies === undefined || target === undefined) {
  process.stderr.write('usage: node dev/compose/mesh.ts POLICIES TARGET\n');
  process.exit(2);
}
// Before they are read: what is saved from now on is a change.
const seen = look(policies);
compile(policies, target);
log.info({ policies, target }, 'the policies are in force');
watch(policies, seen, async () => {
  try {
    compile(policies, target);
    log.info({ policies }, 'the policies as saved are in force');
  } catch (error) {
    log.error({ error: reasonOf(error) }, 'the policies as saved have an error; those before them hold');
  }
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
// Looking at files does not keep a process alive by itself.
setInterval(() => undefined, 2 ** 30);
