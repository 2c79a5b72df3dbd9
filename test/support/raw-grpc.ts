import { connect, constants, type IncomingHttpHeaders } from 'node:http2';

/** What came back for a gRPC call, frame by frame. */
export interface RawAnswer {
  /** The first HEADERS frame. */
  readonly headers: IncomingHttpHeaders;
  /** Whether that frame also ended the stream: a Trailers-Only answer. */
  readonly trailersOnly: boolean;
  /** The HEADERS frame after the data, if there was one. */
  readonly trailers: IncomingHttpHeaders | undefined;
}

/**
 * Makes a unary gRPC call with nothing but HTTP/2, and so without a client's own deadline, retries or reading of the status.
 * `address` is host:port, `path` is /package.Service/Method.
 */
export async function rawCall(
  address: string,
  path: string,
  request: Uint8Array,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const session = connect(`http://${address}`);
  try {
    return await new Promise<RawAnswer>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({ ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc', ...headers });
      let first: IncomingHttpHeaders | undefined;
      let trailersOnly = false;
      let trailers: IncomingHttpHeaders | undefined;
      stream.on('response', (received, flags) => {
        first = received;
        trailersOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      });
      stream.on('trailers', (received) => {
        trailers = received;
      });
      stream.on('error', reject);
      stream.on('close', () => {
        if (first === undefined) reject(new Error(`${path} was closed without an answer`));
        else resolve({ headers: first, trailersOnly, trailers });
      });
      stream.resume();
      stream.end(frame(request));
    });
  } finally {
    session.close();
  }
}

/** A gRPC message: one byte that says "not compressed", four with the length, the bytes. */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
