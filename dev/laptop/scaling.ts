import { identityOf, resolveName, serviceOfReplica } from '../systems/identity.ts';
import type { Choice } from './choice.ts';
import { podClaims } from './claims.ts';
import type { DataPlane } from './data-plane.ts';
import { requireFree } from './ports.ts';
import { service, sidecar } from './processes.ts';
import type { Supervisor } from './supervisor.ts';
import { type Pod, podOf } from './topology.ts';

/** More would say nothing that this many do not, and a laptop has to run them. */
export const mostReplicas = 20;

/** The parts of an instance that scaling works on. */
type Scalable = Pick<Choice, 'topology' | 'supervisor' | 'dataPlane' | 'engines'>;

/**
 * Starts or stops replicas of a service until there are as many as asked for. No call fails of it: a new replica is called when it serves, and
 * one that leaves is stopped when nobody calls it any more.
 *
 * @param name the service: `rentcar/car`, or `car` where that is unambiguous
 * @throws RangeError for a service that there is not, or a number that cannot be; StartRefused if an address of a new replica is taken; NotReady if
 * one does not come up
 */
export async function scale(running: Scalable, name: string, replicas: number): Promise<void> {
  const names = running.dataPlane.pods.map((pod) => pod.name);
  const service = serviceOfReplica(resolveName(name, names, 'service')[0] ?? '');
  const definition = running.dataPlane.pods.find((pod) => identityOf(pod.service) === service)?.service;
  if (definition === undefined) throw new RangeError(`${name} is no service: scale changes the replicas of one.`);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > mostReplicas)
    throw new RangeError(
      `A service has from 1 to ${mostReplicas} replicas, not ${replicas}; \`npm run service -- stop ${name}\` stops them.`,
    );
  const present = () => running.dataPlane.pods.filter(({ service }) => service === definition);
  while (present().length < replicas) await add(running, podOf(running.topology.instance, definition, present().length + 1), present());
  for (const pod of present().slice(replicas).toReversed()) await remove(running, pod);
}

async function add({ topology, supervisor, dataPlane, engines }: Scalable, pod: Pod, present: readonly Pod[]): Promise<void> {
  const neighbour = present.at(-1)?.name ?? '';
  await requireFree(podClaims(pod));
  const bootstrap = dataPlane.admit(pod);
  try {
    await supervisor.join(`${neighbour}-sidecar`, sidecar(topology, pod, bootstrap));
    await supervisor.join(neighbour, service(topology, pod, engines.stores));
    await dataPlane.open(pod);
  } catch (error) {
    await end(supervisor, dataPlane, pod);
    throw error;
  }
}

async function remove({ supervisor, dataPlane }: Scalable, pod: Pod): Promise<void> {
  await dataPlane.drain(pod);
  await end(supervisor, dataPlane, pod);
}

/** The service first: it ends its running calls, and makes some, through its sidecar. */
async function end(supervisor: Supervisor, dataPlane: DataPlane, pod: Pod): Promise<void> {
  await supervisor.remove(pod.name);
  await supervisor.remove(`${pod.name}-sidecar`);
  dataPlane.forget(pod);
}
