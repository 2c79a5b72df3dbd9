// Checks the health of the gRPC server of this container: `node services/kit/rpc/probe.ts`, with the LISTEN_ADDRESS of the server. Exits with 0 if
// it is SERVING. For container runtimes that run a program where Kubernetes makes a gRPC probe; with Node's own HTTP/2, because it is run often.
import { connect, constants } from 'node:http2';
import { readSettings, serverSettings } from '../runtime/settings.ts';

/** A request and an answer of grpc.health.v1 as gRPC frames: not compressed, length, message. Of the answer's, status SERVING. */
const EVERYTHING = Buffer.from([0, 0, 0, 0, 0]);
const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);
const TIMEOUT_MS = 2_000;

function check(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:')}`);
    const end = (healthy: boolean) => {
      session.destroy();
      resolve(healthy);
    };
    session.on('error', () => end(false));
    const call = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
    });
    const chunks: Buffer[] = [];
    call.setTimeout(TIMEOUT_MS, () => end(false));
    call.on('error', () => end(false));
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('end', () => end(Buffer.concat(chunks).equals(SERVING)));
    call.end(EVERYTHING);
  });
}

const { LISTEN_ADDRESS } = readSettings({ LISTEN_ADDRESS: serverSettings.LISTEN_ADDRESS });
process.exitCode = (await check(LISTEN_ADDRESS)) ? 0 : 1;
