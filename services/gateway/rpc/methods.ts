import { createFileRegistry, type DescMessage, type DescMethod, fromBinary, type Registry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { meshHost } from '#kit/rpc/client.ts';

export interface Method {
  /** `/shop.orders.v1.OrderService/GetOrder`. */
  readonly path: string;
  /** host:port of the workload that serves it. */
  readonly host: string;
  readonly clientStreams: boolean;
  readonly serverStreams: boolean;
  /** Callable by GET: unary and marked NO_SIDE_EFFECTS. */
  readonly readsOnly: boolean;
  /** Message types for JSON. Undefined: binary only. */
  readonly messages?: { readonly input: DescMessage; readonly output: DescMessage; readonly registry: Registry };
}

/** Returns the methods of an image (FileDescriptorSet) by path. */
export function methodsOf(image: Uint8Array, hostOf: (service: string) => string = meshHost): ReadonlyMap<string, Method> {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const methods = new Map<string, Method>();
  for (const type of registry) {
    if (type.kind !== 'service') continue;
    for (const method of type.methods) methods.set(pathOf(method), describe(method, hostOf(type.typeName), registry));
  }
  return methods;
}

function describe(method: DescMethod, host: string, registry: Registry): Method {
  return {
    path: pathOf(method),
    host,
    clientStreams: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    serverStreams: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    readsOnly: method.methodKind === 'unary' && method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
    messages: { input: method.input, output: method.output, registry },
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
