import { compressedFlag, compressionNegotiate } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';
import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { toGatewayError } from './errors.ts';
import type { Frame } from './frames.ts';

/** Messages below this size, in bytes, are smaller as they are. */
const WORTH_COMPRESSING = 1024;

/** Which compression a call uses in either direction; undefined for none. */
export interface Compression {
  readonly request: 'gzip' | undefined;
  readonly response: 'gzip' | undefined;
}

/**
 * Chooses what both sides know. gzip is the one that the services know too, so that a compressed message can be passed on as it is.
 *
 * Throws UNIMPLEMENTED, which all three protocols ask for, if the request is compressed in another way.
 */
export function negotiate(requested: string | undefined, accepted: string | undefined): Compression {
  const { request, response, error } = compressionNegotiate([compressionGzip], requested ?? null, accepted ?? null, 'accept-encoding');
  if (error !== undefined) throw new RpcError(status.UNIMPLEMENTED, 'UNSUPPORTED_COMPRESSION', error.rawMessage);
  return { request: request === null ? undefined : 'gzip', response: response === null ? undefined : 'gzip' };
}

/**
 * The message of a frame, decompressed if need be.
 *
 * @param maxBytes how large it may be; RESOURCE_EXHAUSTED if it is larger
 */
export function plain({ flags, data }: Frame, compression: 'gzip' | undefined, maxBytes: number): Uint8Array | Promise<Uint8Array> {
  if ((flags & compressedFlag) === 0) return data;
  if (compression === undefined)
    throw new RpcError(status.INTERNAL, 'MALFORMED_MESSAGE', 'a message is compressed, but no header says how');
  return gunzip(data, maxBytes);
}

/** Decompresses. Throws RESOURCE_EXHAUSTED if the result is larger than `maxBytes`, and INVALID_ARGUMENT if the data are not gzip. */
export async function gunzip(data: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await compressionGzip.decompress(own(data), maxBytes);
  } catch (cause) {
    const error = toGatewayError(cause);
    if (error.code === status.RESOURCE_EXHAUSTED) throw error;
    throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'a message is not compressed as the header says', { cause });
  }
}

/** Compresses a message that is to be sent, if the client takes that and it is worth it. */
export function compressed(data: Uint8Array, compression: 'gzip' | undefined): Frame | Promise<Frame> {
  if (compression === undefined || data.byteLength < WORTH_COMPRESSING) return { flags: 0, data };
  return compressionGzip.compress(own(data)).then((smaller) => ({ flags: compressedFlag, data: smaller }));
}

/** The library's types want bytes that are not shared between threads; these never are. */
function own(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return data as Uint8Array<ArrayBuffer>;
}
