import { controlClient } from '../../dev/control.ts';
import { podPorts, text, topology } from '../../dev/topology.ts';

/** The number of the instance that the tests run on; `npm start` has 0. */
export const INSTANCE = 1;

/** Seconds after which car asks about stock that nobody vouches for: short, so that a test need not wait for it. */
export const HOLD_LEASE_SECONDS = 2;

/** Where everything of the tested instance is. */
export const system = topology(INSTANCE);

/** The public door. */
export const edge = { url: `http://${text(system.edgeListen)}`, address: text(system.edgeListen) };

/** The broker. */
export const brokers = text(system.kafka);

/** The address of a service's own port, past its sidecar: what only a neighbour on the same pod calls. */
export function podService(name: string): string {
  return `${podAddress(name)}:${podPorts.service}`;
}

/** The address where the sidecar of a service takes calls from peers. */
export function podInbound(name: string): string {
  return `${podAddress(name)}:${podPorts.inbound}`;
}

function podAddress(name: string): string {
  const pod = system.pods.find((each) => each.name === name);
  if (pod === undefined) throw new RangeError(`there is no pod ${name}`);
  return pod.workload.address;
}

/** Starts, stops and kills parts of the tested instance. */
export const control = controlClient(system.state.socket);
