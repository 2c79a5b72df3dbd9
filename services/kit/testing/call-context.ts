import { Metadata } from '@grpc/grpc-js';
import type { CallContext, ServerCall } from '../rpc/call.ts';

/** What a test says about a call. */
export interface TestCall {
  readonly idempotencyKey?: string;
  readonly actingUser?: string;
}

/** Returns the context of a call without a server. The call has a path, and is never cancelled. */
export function callContext({ idempotencyKey, actingUser }: TestCall = {}): CallContext {
  const call = { getPath: () => '/test.v1.Service/Method', cancelled: false };
  return {
    metadata: new Metadata(),
    headers: new Metadata(),
    signal: new AbortController().signal,
    idempotencyKey,
    actingUser,
    // The kit reads only these of a call.
    call: call as unknown as ServerCall,
  };
}
