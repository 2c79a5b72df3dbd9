import { compressedFlag, compressionNegotiate } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';
import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { toGatewayError } from './errors.ts';
import type { Frame } from './frames.ts';

/** Smaller messages, in bytes, do not shrink. */
const MIN_COMPRESS_BYTES = 1024;

/** The compression of each direction. */
export interface Compression {
  readonly request: 'gzip' | undefined;
  readonly response: 'gzip' | undefined;
}

/**
 * Negotiates gzip or none. Services support gzip as well, so compressed messages pass unchanged.
 *
 * Throws UNIMPLEMENTED for another request compression, as all three protocols demand.
 */
export function negotiate(requested: string | undefined, accepted: string | undefined): Compression {
  const { request, response, error } = compressionNegotiate([compressionGzip], requested ?? null, accepted ?? null, 'accept-encoding');
  if (error !== undefined) throw new RpcError(status.UNIMPLEMENTED, 'UNSUPPORTED_COMPRESSION', error.rawMessage);
  return { request: request === null ? undefined : 'gzip', response: response === null ? undefined : 'gzip' };
}

/** Returns the decompressed message of a frame. Throws RESOURCE_EXHAUSTED if it is larger than `maxBytes`. */
export function decompressMessage(
  { flags, data }: Frame,
  compression: 'gzip' | undefined,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  if ((flags & compressedFlag) === 0) return data;
  if (compression === undefined)
    throw new RpcError(status.INTERNAL, 'MALFORMED_MESSAGE', 'a message is compressed, but no header names the compression');
  return gunzip(data, maxBytes);
}

/** Decompresses. Throws RESOURCE_EXHAUSTED if the result is larger than `maxBytes`, and INVALID_ARGUMENT if the data are not gzip. */
export async function gunzip(data: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await compressionGzip.decompress(unshared(data), maxBytes);
  } catch (cause) {
    const error = toGatewayError(cause);
    if (error.code === status.RESOURCE_EXHAUSTED) throw error;
    throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'a message is not gzip', { cause });
  }
}

/** Compresses a message if the client accepts gzip and the message is large enough. */
export function compressMessage(data: Uint8Array, compression: 'gzip' | undefined): Frame | Promise<Frame> {
  if (compression === undefined || data.byteLength < MIN_COMPRESS_BYTES) return { flags: 0, data };
  return compressionGzip.compress(unshared(data)).then((smaller) => ({ flags: compressedFlag, data: smaller }));
}

/** The types of the library exclude shared memory, which these bytes never use. */
function unshared(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return data as Uint8Array<ArrayBuffer>;
}
