import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { type Compression, decompressMessage, gunzip } from './compression.ts';
import { COMPRESSED, type FrameCheck, FrameGuard, FrameReader, frameOf } from './frames.ts';
import type { JsonCodec } from './json.ts';
import type { Method } from './methods.ts';

/** Bytes for the service. Undefined: no complete message yet. */
export type DecodedChunk = Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** Converts a request body to gRPC frames with binary messages. Throws RpcError if the body is malformed. */
export interface RequestDecoder {
  push(chunk: Uint8Array): DecodedChunk;
  /** Checks that the body is complete, and returns the rest. */
  end(): DecodedChunk;
}

export interface DecoderOptions {
  readonly method: Method;
  /** Limit of a message in bytes, before and after decompression. */
  readonly maxBytes: number;
  readonly compression: Compression['request'];
  /** Set if the messages are JSON. */
  readonly codec: JsonCodec | undefined;
}

/** Decodes frames: binary frames pass unchanged, JSON messages are converted. */
export function framedDecoder(options: DecoderOptions): RequestDecoder {
  const { codec } = options;
  return codec === undefined ? passThrough(options) : jsonDecoder(options, codec);
}

function passThrough(options: DecoderOptions): RequestDecoder {
  const count = messageCounter(options);
  const guard = new FrameGuard(count.check);
  return {
    push(chunk) {
      guard.push(chunk);
      return chunk;
    },
    end() {
      guard.end();
      count.end();
      return undefined;
    },
  };
}

function jsonDecoder(options: DecoderOptions, codec: JsonCodec): RequestDecoder {
  const count = messageCounter(options);
  const reader = new FrameReader(count.check);
  return {
    async push(chunk) {
      const frames: Uint8Array[] = [];
      for (const frame of reader.push(chunk))
        frames.push(frameOf(codec.request(await decompressMessage(frame, options.compression, options.maxBytes))));
      return frames.length === 0 ? undefined : Buffer.concat(frames);
    },
    end() {
      reader.end();
      count.end();
      return undefined;
    },
  };
}

/** Checks the flags, sizes and number of frames. */
function messageCounter({ method, maxBytes, compression }: DecoderOptions): { check: FrameCheck; end: () => void } {
  let frames = 0;
  return {
    check({ flags, length }) {
      if ((flags & ~COMPRESSED) !== 0) throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'a message has unknown flags');
      if ((flags & COMPRESSED) !== 0 && compression === undefined)
        throw new RpcError(status.INTERNAL, 'MALFORMED_MESSAGE', 'a message is compressed, but no header names the compression');
      if (length > maxBytes) throw tooLarge(maxBytes);
      frames++;
      if (frames > 1 && !method.clientStreams) throw wrongMessageCount('more than one message');
    },
    end() {
      if (frames === 0 && !method.clientStreams) throw wrongMessageCount('no message');
    },
  };
}

/** Decodes a body that is one message without a frame. */
export function unaryDecoder({ maxBytes, compression, codec }: DecoderOptions): RequestDecoder {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    push(chunk) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
      return undefined;
    },
    end() {
      const [only] = chunks;
      const body = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
      const toFrame = (message: Uint8Array) => frameOf(codec === undefined ? message : codec.request(message));
      return compression === undefined ? toFrame(body) : gunzip(body, maxBytes).then(toFrame);
    },
  };
}

export function tooLarge(maxBytes: number): RpcError {
  return new RpcError(status.RESOURCE_EXHAUSTED, 'REQUEST_TOO_LARGE', `a message of the request is larger than ${maxBytes} bytes`);
}

/** gRPC demands UNIMPLEMENTED for a wrong number of messages. */
function wrongMessageCount(what: string): RpcError {
  return new RpcError(status.UNIMPLEMENTED, 'MALFORMED_REQUEST', `the request has ${what}, and the method takes one`);
}
