import { Metadata } from '@grpc/grpc-js';
import { invalidArgument } from './errors.ts';

const HEADER = 'idempotency-key';

/** Local metadata key, never sent: marks a call whose idempotency key is not ASCII. */
const UNREADABLE = 'rentmesh.unreadable-idempotency-key';

/*
 * grpc-js drops a header that is not ASCII and only logs it (grpc-node issue 1173): the call would be
 * done without its key, once more with each repetition. The server of grpc-js offers no other place
 * where the headers are still whole.
 */
const convert = Metadata.fromHttp2Headers;
Metadata.fromHttp2Headers = (headers) => {
  const key = headers[HEADER];
  if (key === undefined || /^[ -~]*$/.test(String(key))) return convert(headers);
  const metadata = convert({ ...headers, [HEADER]: undefined });
  metadata.setOpaque(UNREADABLE, true);
  return metadata;
};

/**
 * Returns the `idempotency-key` header of a call.
 *
 * @throws RpcError unless the header is absent, or there once with 1 to 200 visible ASCII characters
 */
export function idempotencyKeyOf(metadata: Metadata): string | undefined {
  const [value, ...others] = metadata.get(HEADER);
  const isReadable = metadata.getOpaque(UNREADABLE) === undefined;
  if (value === undefined && isReadable) return undefined;
  // HTTP/2 joins repeated headers with a comma and a space.
  if (value === undefined || others.length > 0 || !/^[\x21-\x7e]{1,200}$/.test(String(value))) {
    throw invalidArgument(HEADER, 'must be given once, as 1 to 200 visible ASCII characters');
  }
  return String(value);
}
