import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';

/** Flag of a frame whose message is compressed; the same in gRPC, gRPC-Web and Connect. */
export const COMPRESSED = 1;

/** Length of a frame header: one byte of flags, four bytes of length. */
const HEADER_BYTES = 5;

/** One message on the wire of gRPC, gRPC-Web and Connect streams. */
export interface Frame {
  readonly flags: number;
  readonly data: Uint8Array;
}

export interface FrameHeader {
  readonly flags: number;
  /** Length of the message in bytes. */
  readonly length: number;
}

/** Throws if a frame is not allowed. Runs before the message arrives. */
export type FrameCheck = (head: FrameHeader) => void;

/** Encodes a frame. */
export function frameOf(data: Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + data.byteLength);
  bytes[0] = flags;
  bytes.writeUInt32BE(data.byteLength, 1);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** Checks the headers of frames that pass unchanged, without copying. */
export class FrameGuard {
  readonly #check: FrameCheck;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  /** Bytes of the current header so far. */
  #read = 0;
  /** Missing bytes of the current message. */
  #left = 0;

  constructor(check: FrameCheck) {
    this.#check = check;
  }

  /** Throws what the check throws. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.byteLength - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      this.#header[this.#read++] = chunk[at++] ?? 0;
      if (this.#read < HEADER_BYTES) continue;
      this.#read = 0;
      this.#left = this.#header.readUInt32BE(1);
      this.#check({ flags: this.#header[0] ?? 0, length: this.#left });
    }
  }

  /** Throws INVALID_ARGUMENT if the bytes end inside a frame. */
  end(): void {
    if (this.#left > 0 || this.#read > 0) throw truncated();
  }
}

/** Splits a byte stream into frames. */
export class FrameReader {
  readonly #check: FrameCheck;
  /** Bytes of the incomplete frame. */
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes needed for the next header or frame. */
  #needed = HEADER_BYTES;
  /** The header of the incomplete frame was checked. */
  #checked = false;

  constructor(check: FrameCheck) {
    this.#check = check;
  }

  /** Returns the frames that this chunk completes. Throws what the check throws. */
  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size < this.#needed) return [];
    // Concatenate only complete headers or frames, so that a large message in small chunks is copied once.
    const bytes = this.#chunks.length === 1 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat(this.#chunks);
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      const left = bytes.byteLength - at;
      this.#needed = HEADER_BYTES;
      if (left < HEADER_BYTES) break;
      const head = { flags: bytes[at] ?? 0, length: bytes.readUInt32BE(at + 1) };
      if (!this.#checked) this.#check(head);
      this.#needed = HEADER_BYTES + head.length;
      this.#checked = left < this.#needed;
      if (this.#checked) break;
      frames.push({ flags: head.flags, data: bytes.subarray(at + HEADER_BYTES, at + this.#needed) });
      at += this.#needed;
    }
    this.#chunks.length = 0;
    this.#size = bytes.byteLength - at;
    if (this.#size > 0) this.#chunks.push(bytes.subarray(at));
    return frames;
  }

  /** Throws INVALID_ARGUMENT if the bytes end inside a frame. */
  end(): void {
    if (this.#size > 0) throw truncated();
  }
}

function truncated(): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'the request ends inside a message');
}
