import { credentials, type ServiceError } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { toRpcError } from '#kit/rpc/errors.ts';
import { FaultServiceClient, Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { type ExplainCallResponse, type Mesh, ObserverServiceClient, type Play } from '#proto/rentmesh/observer/v1/observer.ts';
import { control, edge } from '../../support/instance.ts';

const client = new ObserverServiceClient(edge.address, credentials.createInsecure());

/** The observer, through the edge. Calls reject with RpcError. */
export const observer = {
  explainCall: (caller: string, method: string) => call<ExplainCallResponse>((done) => client.explainCall({ caller, method }, done)),
  playDemonstration: (name: string) => call<{ play: Play | undefined }>((done) => client.playDemonstration({ name, system: '' }, done)),
  stopDemonstration: async () => (await call<{ play: Play | undefined }>((done) => client.stopDemonstration({}, done))).play,
};

function call<T>(begin: (done: (error: ServiceError | null, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((error, answer) => (error === null ? resolve(answer) : reject(toRpcError(error))));
  });
}

/** The states of the mesh, for as long as they are read. */
export async function* mesh(): AsyncGenerator<Mesh, void> {
  const stream = client.watchMesh({});
  try {
    for await (const answer of stream) {
      // What the stream yields is what its deserializer makes.
      const { mesh: state } = answer as { mesh: Mesh | undefined };
      if (state !== undefined) yield state;
    }
  } finally {
    stream.on('error', () => undefined);
    stream.cancel();
  }
}

/** Code and reason of the error that a call rejects with. */
export async function refusalOf(answer: Promise<unknown>): Promise<[code: number, reason: string]> {
  const error = toRpcError(
    await answer.then(
      () => new Error('it was answered'),
      (reason: unknown) => reason,
    ),
  );
  return [error.code, error.reason];
}

async function cars(): Promise<{ name: string; address: string }[]> {
  const { processes } = await control.status();
  return processes.filter(({ name }) => /^rentcar\/car-\d+$/.test(name)).map(({ name, address }) => ({ name, address }));
}

/** The replicas of car. */
export async function carNames(): Promise<string[]> {
  return (await cars()).map(({ name }) => name);
}

/** Whether no replica of car has a fault. */
export async function expectNoFaults(): Promise<void> {
  for (const { name, address } of await cars()) {
    const faults = new FaultServiceClient(address, credentials.createInsecure());
    const answer = await new Promise<Faults | undefined>((resolve, reject) => {
      faults.getFaults({}, (error, response) => (error === null ? resolve(response.faults) : reject(error)));
    }).finally(() => faults.close());
    expect({ name, faults: answer }).toEqual({ name, faults: Faults.fromPartial({}) });
  }
}
