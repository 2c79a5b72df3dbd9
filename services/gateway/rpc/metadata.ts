import type { IncomingHttpHeaders } from 'node:http';

/** Header or trailer fields. Names are in lower case. */
export type Fields = Record<string, string | string[]>;

/** Fields of the connection or of the protocol, which are not metadata. */
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

/** Returns the metadata among header or trailer fields. Drops the hop-by-hop fields of Envoy. */
export function metadataOf(fields: IncomingHttpHeaders | Fields): Fields {
  const metadata: Fields = {};
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || name.startsWith(':') || name.startsWith('x-envoy-') || PROTOCOL.has(name)) continue;
    metadata[name] = name.endsWith('-bin') && typeof value === 'string' ? withoutPadding(value) : value;
  }
  return metadata;
}

/** Removes base64 padding, which grpc-js adds. Several values are separated by commas. */
export function withoutPadding(value: string): string {
  return value.includes('=') ? value.replace(/=+(?=,|$)/g, '') : value;
}

/** Converts fields to Headers, without the pseudo-headers of HTTP/2. */
export function webHeaders(fields: Fields): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(':')) continue;
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
  }
  return headers;
}
