import type { Readable, Writable } from 'node:stream';

/** Writes to a stream. Returns a promise if it has to catch up first; it resolves too if the stream is gone, which its reader learns elsewhere. */
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
 * Hands over what a stream brings, piece by piece; where `take` returns a promise, the stream waits for it. Resolves at the end of the stream.
 * Rejects with what `take` throws, or with StreamCutOff if the stream closes before its end; the stream is left as it is then.
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
    // Node keeps a finished stream for a while, and with it whatever its listeners hold: none is left behind.
    source.on('data', onData);
    source.once('end', () => {
      hasEnded = true;
      source.off('data', onData);
      // The end can come while the last piece is still being taken.
      if (taking === undefined) resolve();
      else taking.then(resolve, fail);
    });
    const onClose = () => {
      if (!hasEnded) fail(new StreamCutOff());
    };
    if (source.closed) onClose();
    else source.once('close', onClose);
  });
}

/** A stream closed before its end. */
export class StreamCutOff extends Error {
  override readonly name = 'StreamCutOff';
}
