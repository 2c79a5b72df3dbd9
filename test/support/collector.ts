import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Server, ServerCredentials } from '@grpc/grpc-js';

/** A span as far as tests look at it. Ids are hexadecimal. */
export interface CollectedSpan {
  /** service.name of the process that sent it. */
  readonly service: string;
  /** Whether an Envoy sent it: one with this service.name beside the service. */
  readonly isProxy: boolean;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** A collector of spans that is listening. */
export interface RunningCollector {
  /** What has come in so far. */
  readonly spans: readonly CollectedSpan[];
  close(): void;
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** opentelemetry.proto.trace.v1.Span.SpanKind. */
const KINDS = [undefined, 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

/** Listens for spans that are sent by OTLP over gRPC. @param address host:port */
export async function startCollector(address: string): Promise<RunningCollector> {
  const spans: CollectedSpan[] = [];
  const server = new Server();
  const same = (bytes: Buffer) => bytes;
  server.addService(
    {
      export: {
        path: EXPORT,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      export: ({ request }: { request: Buffer }, callback: (error: null, answer: Buffer) => void) => {
        // ExportTraceServiceRequest: 1 resource_spans.
        spans.push(...fields(request, 1).flatMap(spansOf));
        callback(null, Buffer.alloc(0));
      },
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error === null ? resolve() : reject(error)));
  });
  return { spans, close: () => server.forceShutdown() };
}

/** ResourceSpans: 1 resource (1 attributes), 2 scope_spans (2 spans: 1 trace, 2 id, 4 parent, 5 name, 6 kind, 9 attributes). */
function spansOf(resourceSpans: Uint8Array): CollectedSpan[] {
  const service = attribute(
    fields(resourceSpans, 1).flatMap((resource) => fields(resource, 1)),
    'service.name',
  );
  return fields(resourceSpans, 2)
    .flatMap((scope) => fields(scope, 2))
    .map((span) => ({
      service,
      isProxy: attribute(fields(span, 9), 'component') === 'proxy',
      traceId: hex(fields(span, 1)[0]),
      spanId: hex(fields(span, 2)[0]),
      parentSpanId: hex(fields(span, 4)[0]),
      name: text(fields(span, 5)[0]),
      kind: KINDS[number(span, 6)],
    }));
}

/** The text of an attribute (1 key, 2 value: 1 string), empty if there is none of this name. */
function attribute(attributes: readonly Uint8Array[], name: string): string {
  const found = attributes.find((each) => text(fields(each, 1)[0]) === name);
  return found === undefined ? '' : text(fields(fields(found, 2)[0], 1)[0]);
}

/** The values of a field that is a message, a string or bytes. */
function fields(message: Uint8Array | undefined, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(message ?? new Uint8Array());
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(type, field);
  }
  return found;
}

/** The value of a field that is an enum, 0 if it is not there. */
function number(message: Uint8Array, wanted: number): number {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === WireType.Varint) return reader.uint32();
    reader.skip(type, field);
  }
  return 0;
}

const text = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString('utf8');
const hex = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString('hex');
