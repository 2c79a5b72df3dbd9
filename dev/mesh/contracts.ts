import { createFileRegistry, fromBinary, hasExtension } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';

/** What a repetition of a call does, as the contract says it (`idempotency_level`); UNKNOWN if it says nothing. */
export type Idempotency = 'NO_SIDE_EFFECTS' | 'IDEMPOTENT' | 'UNKNOWN';

/** A method of a contract. */
export interface Method {
  /** Full name of its service: `rentcar.car.v1.CarService`. */
  readonly service: string;
  readonly name: string;
  /** The path of a call: `/rentcar.car.v1.CarService/GetCar`. */
  readonly path: string;
  /** The mesh host that serves it. */
  readonly host: string;
  readonly idempotency: Idempotency;
  /** Whether the edge offers it. */
  readonly isPublic: boolean;
}

const IDEMPOTENCY: Readonly<Record<MethodOptions_IdempotencyLevel, Idempotency>> = {
  [MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN]: 'UNKNOWN',
  [MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS]: 'NO_SIDE_EFFECTS',
  [MethodOptions_IdempotencyLevel.IDEMPOTENT]: 'IDEMPOTENT',
};

/**
 * The methods of the services whose package is `<system>.<service>.v<n>`, which is served by host `<service>.<system>.svc.cluster.local`.
 * @param image a FileDescriptorSet
 */
export function methodsOf(image: Uint8Array): Method[] {
  const set = fromBinary(FileDescriptorSetSchema, image);
  const http = createFileRegistry(set).getExtension('google.api.http');
  const methods: Method[] = [];
  for (const file of set.file) {
    const [, system, service] = /^(\w+)\.(\w+)\.v\d+$/.exec(file.package) ?? [];
    if (system === undefined || service === undefined) continue;
    for (const { name: serviceName, method } of file.service) {
      for (const { name, options } of method) {
        methods.push({
          service: `${file.package}.${serviceName}`,
          name,
          path: `/${file.package}.${serviceName}/${name}`,
          host: `${service}.${system}.svc.cluster.local`,
          idempotency: IDEMPOTENCY[options?.idempotencyLevel ?? MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN],
          isPublic: http !== undefined && options !== undefined && hasExtension(options, http),
        });
      }
    }
  }
  return methods;
}
