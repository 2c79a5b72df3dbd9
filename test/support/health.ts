import type { Client as Channel } from '@grpc/grpc-js';
import { service as definition } from 'grpc-health-check';
import { unary } from './grpc.ts';

/** How a server answers grpc.health.v1 for a service; rejects with Failure. */
export async function health(connection: Channel, service: string): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = method('Check');
  return statusOf(responseDeserialize(await unary(connection, path, requestSerialize({ service }))));
}

/** What a server tells of its health from now on, until it ends. */
export function watchHealth(connection: Channel, service: string): string[] {
  const { path, requestSerialize, responseDeserialize } = method('Watch');
  const told: string[] = [];
  const call = connection.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
  call.on('data', (answer: unknown) => told.push(statusOf(answer)));
  call.on('error', () => undefined);
  return told;
}

function method(name: string) {
  const found = definition[name];
  if (found === undefined) throw new Error(`grpc-health-check has no ${name}`);
  return found;
}

function statusOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('status' in answer)) throw new Error('the answer has no status');
  return String(answer.status);
}
