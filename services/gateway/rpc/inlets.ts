import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { type Compression, gunzip, plain } from './compression.ts';
import { COMPRESSED, type FrameCheck, FrameGuard, FrameReader, frameOf } from './frames.ts';
import type { JsonCodec } from './json.ts';
import type { Method } from './methods.ts';

/** Bytes for the service, at once or later; undefined: nothing yet. */
export type Piece = Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** Makes of a request's body what the service gets: gRPC frames with binary messages. Throws RpcError if the body is not right. */
export interface Inlet {
  push(chunk: Uint8Array): Piece;
  /** The body is complete. */
  end(): Piece;
}

/** What an inlet works with. */
export interface InletOptions {
  readonly method: Method;
  /** The largest message in bytes, before and after decompression. */
  readonly maxBytes: number;
  readonly compression: Compression['request'];
  /** Given where messages are JSON. */
  readonly codec: JsonCodec | undefined;
}

/** Frames: as they are if they are binary, each message converted if they are JSON. */
export function frameInlet(options: InletOptions): Inlet {
  const { codec } = options;
  return codec === undefined ? passing(options) : converting(options, codec);
}

function passing(options: InletOptions): Inlet {
  const count = counter(options);
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

function converting(options: InletOptions, codec: JsonCodec): Inlet {
  const count = counter(options);
  const reader = new FrameReader(count.check);
  return {
    async push(chunk) {
      const frames: Uint8Array[] = [];
      for (const frame of reader.push(chunk))
        frames.push(frameOf(codec.request(await plain(frame, options.compression, options.maxBytes))));
      return frames.length === 0 ? undefined : Buffer.concat(frames);
    },
    end() {
      reader.end();
      count.end();
      return undefined;
    },
  };
}

/** Looks at the frames of a request: their flags, sizes and number. */
function counter({ method, maxBytes, compression }: InletOptions): { check: FrameCheck; end: () => void } {
  let frames = 0;
  return {
    check({ flags, length }) {
      if ((flags & ~COMPRESSED) !== 0)
        throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'a message has flags that mean nothing in a request');
      if ((flags & COMPRESSED) !== 0 && compression === undefined)
        throw new RpcError(status.INTERNAL, 'MALFORMED_MESSAGE', 'a message is compressed, but no header says how');
      if (length > maxBytes) throw tooLarge(maxBytes);
      frames++;
      if (frames > 1 && !method.clientStreams) throw wrongNumber('more than one message');
    },
    end() {
      if (frames === 0 && !method.clientStreams) throw wrongNumber('no message');
    },
  };
}

/** A body that is one message without a frame around it. */
export function unaryInlet({ maxBytes, compression, codec }: InletOptions): Inlet {
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

/** The error of a message that is larger than allowed. */
export function tooLarge(maxBytes: number): RpcError {
  return new RpcError(status.RESOURCE_EXHAUSTED, 'REQUEST_TOO_LARGE', `a message of the request is larger than ${maxBytes} bytes`);
}

/** As gRPC says: what breaks the number of messages of a method is UNIMPLEMENTED. */
function wrongNumber(what: string): RpcError {
  return new RpcError(status.UNIMPLEMENTED, 'MALFORMED_REQUEST', `the request has ${what}, and the method takes one`);
}
