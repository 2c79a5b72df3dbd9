import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';

/** Flag of a frame whose message is compressed; the same in gRPC, gRPC-Web and Connect. */
export const COMPRESSED = 1;

/** Bytes before each message: a byte of flags and four of length. */
const HEAD = 5;

/** One message on the wire of gRPC, gRPC-Web and Connect streams. */
export interface Frame {
  readonly flags: number;
  readonly data: Uint8Array;
}

/** What is known of a frame before its message has come. */
export interface FrameHead {
  readonly flags: number;
  /** Length of the message in bytes. */
  readonly length: number;
}

/** Looks at the beginning of each frame, and throws if the frame must not come. */
export type FrameCheck = (head: FrameHead) => void;

/** The bytes of a frame. */
export function frameOf(data: Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD + data.byteLength);
  bytes[0] = flags;
  bytes.writeUInt32BE(data.byteLength, 1);
  bytes.set(data, HEAD);
  return bytes;
}

/** Follows a row of frames that is passed on as it is: only their heads are looked at, nothing is copied or kept. */
export class FrameGuard {
  readonly #check: FrameCheck;
  readonly #head = Buffer.alloc(HEAD);
  /** How many bytes of the head have come. */
  #read = 0;
  /** How many bytes of the message are still to come. */
  #left = 0;

  constructor(check: FrameCheck) {
    this.#check = check;
  }

  /** Takes the next bytes. Throws what the check throws. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.byteLength - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      this.#head[this.#read++] = chunk[at++] ?? 0;
      if (this.#read < HEAD) continue;
      this.#read = 0;
      this.#left = this.#head.readUInt32BE(1);
      this.#check({ flags: this.#head[0] ?? 0, length: this.#left });
    }
  }

  /** Throws INVALID_ARGUMENT if the bytes end inside a frame. */
  end(): void {
    if (this.#left > 0 || this.#read > 0) throw cutOff();
  }
}

/** Takes a row of bytes apart into frames. */
export class FrameReader {
  readonly #check: FrameCheck;
  /** What has come and belongs to no frame yet. */
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  /** How many bytes are needed before it is worth looking again. */
  #needed = HEAD;
  /** The frame under way has been checked. */
  #checked = false;

  constructor(check: FrameCheck) {
    this.#check = check;
  }

  /** Takes the next bytes and returns the frames that are complete with them. Throws what the check throws. */
  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size < this.#needed) return [];
    // Joined only when a whole head or frame is there: a large message in small pieces is copied once.
    const bytes = this.#chunks.length === 1 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat(this.#chunks);
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      const left = bytes.byteLength - at;
      this.#needed = HEAD;
      if (left < HEAD) break;
      const head = { flags: bytes[at] ?? 0, length: bytes.readUInt32BE(at + 1) };
      if (!this.#checked) this.#check(head);
      this.#needed = HEAD + head.length;
      this.#checked = left < this.#needed;
      if (this.#checked) break;
      frames.push({ flags: head.flags, data: bytes.subarray(at + HEAD, at + this.#needed) });
      at += this.#needed;
    }
    this.#chunks.length = 0;
    this.#size = bytes.byteLength - at;
    if (this.#size > 0) this.#chunks.push(bytes.subarray(at));
    return frames;
  }

  /** Throws INVALID_ARGUMENT if the bytes end inside a frame. */
  end(): void {
    if (this.#size > 0) throw cutOff();
  }
}

function cutOff(): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'the request ends inside a message');
}
