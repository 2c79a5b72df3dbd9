import type { IncomingHttpHeaders } from 'node:http';

/** Header or trailer fields; a name is in lower case. */
export type Fields = Record<string, string | string[]>;

/** What belongs to one connection or to one protocol, and is not the caller's or the service's metadata. */
const PROTOCOL = new Set([
  // HTTP
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
  'trailer',
  'host',
  'date',
  'server',
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'content-encoding',
  // gRPC and gRPC-Web
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-status',
  'grpc-message',
  'grpc-status-details-bin',
  'x-grpc-web',
  'rentmesh-timeout',
  // Connect
  'connect-protocol-version',
  'connect-timeout-ms',
  'connect-content-encoding',
  'connect-accept-encoding',
]);

/** The metadata among header or trailer fields, in either direction. Envoy's own fields are between a proxy and its neighbour. */
export function metadataOf(fields: IncomingHttpHeaders | Fields): Fields {
  const metadata: Fields = {};
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || name.startsWith(':') || name.startsWith('x-envoy-') || PROTOCOL.has(name)) continue;
    metadata[name] = name.endsWith('-bin') && typeof value === 'string' ? withoutPadding(value) : value;
  }
  return metadata;
}

/** Base64 as gRPC and Connect want it; grpc-js pads. Several values are in one field, with commas between. */
export function withoutPadding(value: string): string {
  return value.includes('=') ? value.replace(/=+(?=,|$)/g, '') : value;
}

/** Fields in the form that the libraries of Connect take, without HTTP/2's own, which begin with a colon. */
export function webHeaders(fields: Fields): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(':')) continue;
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
  }
  return headers;
}
