import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { envoyBinary, laptopHeapFlags, root } from '../paths.mjs';
import type { Stores } from '../systems/stores.ts';
import { isReady } from './admin.ts';
import type { ProcessSpec } from './process-spec.ts';
import { serviceEnvironment } from './service-environment.ts';
import { adminSocketOf, type Pod, podPorts, type Topology, text } from './topology.ts';

/** An Envoy as a process. @param bootstrap its configuration file */
function envoy(name: string, title: string, address: string, admin: string, bootstrap: string): ProcessSpec {
  return {
    name,
    title,
    address,
    command: envoyBinary,
    args: ['-c', bootstrap, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning'],
    stopSignal: 'SIGTERM',
    stopSeconds: 5,
    readySeconds: 20,
    ready: () => isReady(admin),
  };
}

/** The sidecar of a pod. */
export function sidecar(topology: Topology, pod: Pod, bootstrap: string): ProcessSpec {
  const { address } = pod.workload;
  return envoy(
    `${pod.name}-sidecar`,
    `${pod.service.name}'s sidecar`,
    `${address}:${podPorts.inbound}`,
    adminSocketOf(topology, pod.workload),
    bootstrap,
  );
}

/** The edge. */
export function edge(topology: Topology, bootstrap: string): ProcessSpec {
  return envoy('edge', 'edge', text(topology.edgeListen), adminSocketOf(topology, topology.edge), bootstrap);
}

/** grpc.health.v1.HealthCheckResponse with status SERVING: field 1, value 1. */
const serving = Buffer.from([0x08, 0x01]);

/** Whether a gRPC server says SERVING (grpc.health.v1). */
function isServing(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure());
  return new Promise<boolean>((resolve) => {
    const raw = (bytes: Buffer) => bytes;
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', raw, raw, Buffer.alloc(0), { deadline: Date.now() + 1000 }, (error, answer) =>
      resolve(error === null && answer?.equals(serving) === true),
    );
  }).finally(() => client.close());
}

/** A replica of a service as a process. */
export function service(topology: Topology, pod: Pod, stores: Stores): ProcessSpec {
  const address = `${pod.workload.address}:${podPorts.service}`;
  return {
    name: pod.name,
    title: pod.service.name,
    address,
    command: process.execPath,
    args: [...laptopHeapFlags, join(root, pod.service.main)],
    env: serviceEnvironment(topology, pod, stores),
    stopSignal: 'SIGTERM',
    // Its own bound for running calls is 10 s; then come consumers and connections.
    stopSeconds: 15,
    readySeconds: 60,
    ready: () => isServing(address),
  };
}
