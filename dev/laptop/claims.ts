import type { Workload } from '../../envoy/index.ts';
import { type Address, type Pod, podPorts, type Topology } from './topology.ts';

/** An address that has to be free before a start, and what it is for. */
export interface Claim {
  readonly address: Address;
  readonly purpose: string;
}

function sidecarClaims(name: string, { address }: Workload): Claim[] {
  return [{ address: { host: address, port: podPorts.outbound }, purpose: `outgoing calls of ${name}` }];
}

/** Every address that a replica and its sidecar listen on. */
export function podClaims({ name, workload }: Pod): Claim[] {
  return [
    { address: { host: workload.address, port: podPorts.inbound }, purpose: `calls to ${name}` },
    { address: { host: workload.address, port: podPorts.service }, purpose: `${name} itself` },
    ...sidecarClaims(name, workload),
  ];
}

/** Every address that a system listens on. @param ownMongo whether it starts a MongoDB of its own */
export function claims(topology: Topology, ownMongo: boolean): Claim[] {
  return [
    { address: topology.edgeListen, purpose: 'the edge' },
    { address: topology.postgres, purpose: 'PostgreSQL' },
    { address: topology.kafka, purpose: 'Kafka' },
    { address: topology.kafkaController, purpose: "Kafka's controller" },
    ...(ownMongo ? [{ address: topology.mongo, purpose: 'the MongoDB store' }] : []),
    ...topology.pods.flatMap(podClaims),
    ...sidecarClaims('edge', topology.edge),
  ];
}
