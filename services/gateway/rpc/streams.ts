import type { Readable, Writable } from 'node:stream';

/** Writes to a stream. Returns a promise if the buffer is full. The promise also resolves when the stream closes. */
export function write(stream: Writable, bytes: Uint8Array): Promise<void> | undefined {
  if (stream.destroyed || stream.write(bytes)) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/**
 * Calls `take` for each chunk, and pauses the stream while a returned promise is pending. Resolves at the end of the stream.
 * Rejects with what `take` throws, or with StreamClosedEarly. Does not destroy the stream.
 */
export function forEachChunk(source: Readable, take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let taking: Promise<void> | undefined;
    let hasEnded = false;
    const fail = (error: unknown) => {
      source.off('data', onData);
      reject(error);
    };
    const onData = (chunk: Uint8Array) => {
      try {
        taking = take(chunk);
      } catch (error) {
        return fail(error);
      }
      if (taking === undefined) return;
      source.pause();
      taking.then(() => source.resume(), fail);
    };
    // Remove listeners: Node retains finished streams for a while.
    source.on('data', onData);
    source.once('end', () => {
      hasEnded = true;
      source.off('data', onData);
      // The end may arrive while the last chunk is pending.
      if (taking === undefined) resolve();
      else taking.then(resolve, fail);
    });
    const onClose = () => {
      if (!hasEnded) fail(new StreamClosedEarly());
    };
    if (source.closed) onClose();
    else source.once('close', onClose);
  });
}

/** A stream closed before its end. */
export class StreamClosedEarly extends Error {
  override readonly name = 'StreamClosedEarly';
}
