// The program that the conformance runner starts for each kind of server it wants. The servers run already, started by run.ts: on a busy machine a
// server of Node can take longer than the runner waits. This one only tells where: `node answer.ts PORT LIMIT LIMITED_PORT`, with the port of
// the server that takes requests of at most LIMIT bytes.
import { readSync } from 'node:fs';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const HOST = '127.0.0.1';
/** Fields of ServerCompatRequest and ServerCompatResponse. */
const MESSAGE_RECEIVE_LIMIT = 6;
const ANSWER = { host: 1, port: 2 } as const;

const [port, limit, limitedPort] = process.argv.slice(2).map(Number);
const wanted = limitOf(readFramed());
if (wanted !== 0 && wanted !== limit) throw new Error(`the runner wants a limit of ${wanted} bytes, and there is a server with ${limit}`);
const writer = new BinaryWriter();
writer.tag(ANSWER.host, WireType.LengthDelimited).string(HOST);
writer.tag(ANSWER.port, WireType.Varint).uint32((wanted === 0 ? port : limitedPort) ?? 0);
const answer = writer.finish();
const length = Buffer.alloc(4);
length.writeUInt32BE(answer.byteLength);
process.stdout.write(Buffer.concat([length, answer]));
// The runner ends it.
process.on('SIGTERM', () => process.exit(0));
setInterval(() => undefined, 2 ** 30);

function limitOf(request: Uint8Array): number {
  const reader = new BinaryReader(request);
  let found = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === MESSAGE_RECEIVE_LIMIT) found = reader.uint32();
    else reader.skip(type, field);
  }
  return found;
}

function readFramed(): Uint8Array {
  return read(read(4).readUInt32BE());
}

function read(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const count = readSync(0, bytes, at, size - at, null);
    if (count === 0) throw new Error('the runner has not said which server it wants');
    at += count;
  }
  return bytes;
}
