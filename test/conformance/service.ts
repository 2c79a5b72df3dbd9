import { setTimeout as pause } from 'node:timers/promises';
import { create, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, anyPack } from '@bufbuild/protobuf/wkt';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Status } from '#proto/google/rpc/status.ts';
import { type Definition, type Header, SUITE, type SuiteError, type SuiteRequest, suiteMessages } from './contracts.ts';

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type RequestStream = ServerReadableStream<Buffer, Buffer>;
type Done = (error: Failure | null, bytes?: Buffer, trailers?: Metadata) => void;

type AnyCall = UnaryCall | RequestStream | ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** The suite's ConformanceService over grpc-js, as its documentation says what each method answers. */
export class ConformanceService {
  readonly #message = suiteMessages();
  readonly #server: Server;

  /** @param maxMessageBytes the largest request; 0 for the library's own limit */
  constructor(maxMessageBytes: number) {
    this.#server = new Server({
      interceptors: [withoutWords],
      ...(maxMessageBytes > 0 ? { 'grpc.max_receive_message_length': maxMessageBytes } : {}),
    });
    const same = (bytes: Buffer) => bytes;
    const method = (name: string, requestStream: boolean, responseStream: boolean): ServiceDefinition[string] => ({
      path: `/${SUITE}.ConformanceService/${name}`,
      requestStream,
      responseStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    });
    const definition: ServiceDefinition = {
      unary: method('Unary', false, false),
      idempotentUnary: method('IdempotentUnary', false, false),
      serverStream: method('ServerStream', false, true),
      clientStream: method('ClientStream', true, false),
      bidiStream: method('BidiStream', true, true),
    };
    const implementation: UntypedServiceImplementation = {
      unary: (call: UnaryCall, done: Done) => void this.#unary('Unary', call, done),
      idempotentUnary: (call: UnaryCall, done: Done) => void this.#unary('IdempotentUnary', call, done),
      serverStream: (call: ServerWritableStream<Buffer, Buffer>) => void this.#serverStream(call),
      clientStream: (call: RequestStream, done: Done) => this.#clientStream(call, done),
      bidiStream: (call: ServerDuplexStream<Buffer, Buffer>) => this.#bidiStream(call),
    };
    this.#server.addService(definition, implementation);
  }

  /** @returns the port */
  listen(host: string, port = 0): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }

  async #unary(name: string, call: UnaryCall, done: Done) {
    const { definition, any } = this.#read(`${name}Request`, call.request);
    await this.#answerOnce(`${name}Response`, call, definition, [any], done);
  }

  #clientStream(call: RequestStream, done: Done) {
    const requests: unknown[] = [];
    let definition: Definition | undefined;
    call.on('data', (bytes: Buffer) => {
      const request = this.#read('ClientStreamRequest', bytes);
      if (requests.length === 0) definition = request.definition;
      requests.push(request.any);
    });
    call.on('end', () => void this.#answerOnce('ClientStreamResponse', call, definition, requests, done));
    call.on('error', () => undefined);
  }

  async #answerOnce(type: string, call: UnaryCall | RequestStream, definition: Definition | undefined, requests: unknown[], done: Done) {
    const trailers = metadataOf(definition?.responseTrailers);
    if (definition !== undefined) {
      await pause(definition.responseDelayMs);
      // Not before, as the kit does it: until headers are sent, a sidecar can answer with a status where a deadline passes.
      call.sendMetadata(metadataOf(definition.responseHeaders));
    }
    const info = this.#info(call, requests);
    const response = definition?.response;
    if (response?.case === 'error') return done(this.#failure(response.value, trailers, info));
    const data = response?.case === 'responseData' ? response.value : new Uint8Array();
    done(null, this.#payload(type, data, info), trailers);
  }

  async #serverStream(call: ServerWritableStream<Buffer, Buffer>) {
    const { definition, any } = this.#read('ServerStreamRequest', call.request);
    if (definition === undefined) return call.end();
    call.sendMetadata(metadataOf(definition.responseHeaders));
    await this.#rest('ServerStreamResponse', call, definition, [any], 0);
  }

  #bidiStream(call: ServerDuplexStream<Buffer, Buffer>): void {
    let definition: Definition | undefined;
    let count = 0;
    let sent = 0;
    let requests: unknown[] = [];
    let isFullDuplex = false;
    let isFinished = false;
    const take = async (bytes: Buffer) => {
      if (isFinished) return;
      const request = this.#read('BidiStreamRequest', bytes);
      requests.push(request.any);
      if (count++ === 0) {
        definition = request.definition;
        isFullDuplex = request.isFullDuplex;
        if (definition !== undefined) call.sendMetadata(metadataOf(definition.responseHeaders));
      }
      const data = definition?.responseData?.[sent];
      if (!isFullDuplex) return;
      if (definition === undefined || data === undefined) return await finish();
      await pause(definition.responseDelayMs);
      call.write(
        this.#payload(
          'BidiStreamResponse',
          data,
          sent === 0 ? this.#info(call, requests) : this.#create('ConformancePayload.RequestInfo', { requests }),
        ),
      );
      sent++;
      requests = [];
    };
    // In full duplex the stream ends with a request that nothing is left to be answered to, else after all requests.
    const finish = async () => {
      if (isFinished) return;
      isFinished = true;
      if (definition === undefined) call.end();
      else await this.#rest('BidiStreamResponse', call, definition, requests, sent);
    };
    // One after the other, however quickly they come.
    let taken = Promise.resolve();
    call.on('data', (bytes: Buffer) => {
      taken = taken.then(() => take(bytes));
    });
    call.on('end', () => void taken.then(finish));
    call.on('error', () => undefined);
  }

  /** Sends the answers that are left of a stream, and how it ends. */
  async #rest(
    type: string,
    call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
    definition: Definition,
    requests: unknown[],
    alreadySent: number,
  ) {
    const data = definition.responseData ?? [];
    for (let sent = alreadySent; sent < data.length; sent++) {
      await pause(definition.responseDelayMs);
      if (call.cancelled) return;
      call.write(this.#payload(type, data[sent] ?? new Uint8Array(), sent === 0 ? this.#info(call, requests) : undefined));
    }
    const trailers = metadataOf(definition.responseTrailers);
    if (definition.error === undefined) return call.end(trailers);
    const info = alreadySent === 0 && data.length === 0 ? this.#info(call, requests) : undefined;
    call.emit('error', this.#failure(definition.error, trailers, info));
  }

  #read(type: string, bytes: Buffer): { definition: Definition | undefined; isFullDuplex: boolean; any: unknown } {
    const schema = this.#message(type);
    const message = fromBinary(schema, bytes);
    const { responseDefinition, fullDuplex } = message as unknown as SuiteRequest;
    return { definition: responseDefinition, isFullDuplex: fullDuplex ?? false, any: anyPack(schema, message) };
  }

  #create(type: string, fields: object) {
    return create(this.#message(type), fields as never);
  }

  #payload(type: string, data: Uint8Array, requestInfo: unknown): Buffer {
    const payload = this.#create('ConformancePayload', { data, ...(requestInfo === undefined ? {} : { requestInfo }) });
    return bytesOf(this.#message(type), this.#create(type, { payload }));
  }

  #info(call: AnyCall, requests: unknown[]): object {
    const deadline = Number(call.getDeadline());
    return this.#create('ConformancePayload.RequestInfo', {
      requests,
      requestHeaders: headersOf(call.metadata),
      ...(Number.isFinite(deadline) ? { timeoutMs: BigInt(Math.max(0, deadline - Date.now())) } : {}),
    });
  }

  #failure({ code, message, details }: SuiteError, metadata: Metadata, info: object | undefined): Failure {
    const infoAny = info && anyPack(this.#message('ConformancePayload.RequestInfo'), info as never);
    const all = [...details, ...(infoAny === undefined ? [] : [infoAny])].map((detail) => {
      const { typeUrl, value } = create(AnySchema, detail as never);
      return { typeUrl, value: Buffer.from(value) };
    });
    metadata.set('grpc-status-details-bin', filled(Status.encode({ code, message: message ?? '', details: all }).finish()));
    return { code: code as status, details: message ?? '', metadata };
  }
}

/** grpc-js sends `grpc-message: OK` with success, which a server should not, and the suite counts. */
const withoutWords: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, { sendStatus: (result, next) => next(result.code === status.OK ? { ...result, details: '' } : result) });

/**
 * grpc-js writes base64 with padding, which a server should not: the suite would count it against whatever stands before this service, in about
 * two thirds of all errors. So a message gets a length that needs none, by a field that nobody knows.
 */
function filled(message: Uint8Array): Buffer {
  const missing = (3 - ((message.byteLength + 2) % 3)) % 3;
  // Field 15 with this many bytes.
  return Buffer.concat([message, Buffer.from([0x7a, missing]), Buffer.alloc(missing)]);
}

interface Failure {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

function bytesOf(schema: DescMessage, message: object): Buffer {
  return Buffer.from(toBinary(schema, message as never));
}

function metadataOf(headers: readonly Header[] = []): Metadata {
  const metadata = new Metadata();
  for (const { name, value } of headers) {
    for (const each of value) metadata.add(name, name.toLowerCase().endsWith('-bin') ? Buffer.from(each, 'base64') : each);
  }
  return metadata;
}

function headersOf(metadata: Metadata): { name: string; value: string[] }[] {
  return Object.keys(metadata.getMap()).map((name) => ({
    name,
    value: metadata.get(name).map((each) => (Buffer.isBuffer(each) ? each.toString('base64').replace(/=+$/, '') : each)),
  }));
}
