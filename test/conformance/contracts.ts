import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { home } from '../../dev/paths.mjs';

/** The package of the conformance suite. */
export const SUITE = 'connectrpc.conformance.v1';

/** Where the descriptors of the suite are kept; `npm run conformance` makes them of the protos in the runner's module. */
export const imageFile = join(home, 'conformance', 'image.binpb');

/** The descriptors of the suite. */
export function suiteImage(): Uint8Array {
  return readFileSync(imageFile);
}

/** Finds messages of the suite by name. */
export function suiteMessages(): (name: string) => DescMessage {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, suiteImage()));
  return (name) => {
    const found = registry.getMessage(`${SUITE}.${name}`);
    if (found === undefined) throw new Error(`the conformance suite has no message ${name}`);
    return found;
  };
}

/** As the suite sends it: `connectrpc.conformance.v1.Header`. */
export interface Header {
  readonly name: string;
  readonly value: string[];
}

/** `connectrpc.conformance.v1.Error`. */
export interface SuiteError {
  readonly code: number;
  readonly message: string;
  readonly details: unknown[];
}

/** `UnaryResponseDefinition` and `StreamResponseDefinition`: what the caller wants to be answered. */
export interface Definition {
  readonly responseHeaders: Header[];
  readonly responseTrailers: Header[];
  readonly responseDelayMs: number;
  /** Of a unary answer. */
  readonly response?:
    | { readonly case: 'responseData'; readonly value: Uint8Array }
    | { readonly case: 'error'; readonly value: SuiteError }
    | { readonly case: undefined };
  /** Of a stream. */
  readonly responseData?: Uint8Array[];
  readonly error?: SuiteError;
}

/** A request of any method of the suite. */
export interface SuiteRequest {
  readonly responseDefinition?: Definition;
  readonly fullDuplex?: boolean;
}
