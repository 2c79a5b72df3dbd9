import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, fromBinary, fromJsonString, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, status } from '@grpc/grpc-js';
import { FaultServiceService, Faults, SetFaultsRequest, type SetFaultsResponse } from '#proto/rentmesh/fault/v1/fault.ts';
import { root } from '../paths.mjs';
import { resolveName, serviceOfReplica } from '../systems/identity.ts';
import type { Control } from './control.ts';

/** Faults that cannot be set; the message is one sentence that names the field. */
export class FaultsRefused extends Error {
  override readonly name = 'FaultsRefused';
}

/** A process that does not answer in this time is not well. */
const DEADLINE_MS = 5000;

/**
 * Reads faults as a person writes them: rentmesh.fault.v1.Faults in JSON, `errorCode` also by its name (`"ABORTED"`).
 *
 * @throws FaultsRefused naming the field that there is not, or whose value has the wrong type
 */
export function faultsFromJson(text: string): Faults {
  const image = fromBinary(FileDescriptorSetSchema, readFileSync(join(root, 'gen', 'image.binpb')));
  const schema = createFileRegistry(image).getMessage(Faults.$type);
  if (schema === undefined) throw new Error(`${Faults.$type} is not in the image of the contracts`);
  const withNumbers = text.replace(/("errorCode"\s*:\s*)"([A-Z_]+)"/, (whole, before: string, name: string) => {
    const code = Object.entries(status).find(([key]) => key === name)?.[1];
    return code === undefined ? whole : `${before}${code}`;
  });
  try {
    return Faults.decode(toBinary(schema, fromJsonString(schema, withNumbers)));
  } catch (error) {
    const fields = schema.fields.map(({ jsonName }) => jsonName).join(', ');
    throw new FaultsRefused(`${error instanceof Error ? error.message : error}. The fields are ${fields}.`, { cause: error });
  }
}

/**
 * Sets the faults of a process, or of all replicas of a service (`car` is car-1, car-2, …), until they are set again or it restarts. Fields
 * that are left out have their default, so `{}` ends all faults.
 *
 * @returns the names of the processes
 * @throws NotRunning; RangeError if there is no such service; FaultsRefused
 */
export async function setFaults(control: Pick<Control, 'status'>, name: string, faults: Partial<Faults>): Promise<string[]> {
  const { processes } = await control.status();
  const replicas = processes.filter((each) => serviceOfReplica(each.name) !== undefined);
  const names = resolveName(
    name,
    replicas.map((each) => each.name),
    'service',
  );
  const found = replicas.filter((each) => names.includes(each.name));
  await Promise.all(found.map(({ address }) => setFaultsAt(address, faults)));
  return found.map((each) => each.name);
}

/** Sets the faults of the process that listens on an address (host:port). @throws FaultsRefused */
export async function setFaultsAt(address: string, faults: Partial<Faults>): Promise<Faults> {
  const { path, requestSerialize, responseDeserialize } = FaultServiceService.setFaults;
  const request = SetFaultsRequest.fromPartial({ faults });
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      const deadline = Date.now() + DEADLINE_MS;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, (error, answer?: SetFaultsResponse) => {
        if (error === null) resolve(answer?.faults ?? Faults.fromPartial({}));
        else if (error.code === status.UNIMPLEMENTED) {
          reject(new FaultsRefused(`${address} was started without FAULT_INJECTION=allowed.`, { cause: error }));
        } else reject(new FaultsRefused(error.details, { cause: error }));
      });
    });
  } finally {
    client.close();
  }
}
