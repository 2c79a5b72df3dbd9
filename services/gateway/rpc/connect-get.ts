import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import type { RequestDecoder } from './request-decoders.ts';

/** The query of a Connect GET request. */
export interface GetQuery {
  readonly encoding: 'json' | 'proto';
  readonly compression: string | undefined;
  readonly message: string;
  readonly isBase64: boolean;
}

/** Parses a URL. Returns undefined if it is no Connect GET request. */
export function readQuery(url: string): GetQuery | undefined {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const encoding = query.get('encoding');
  const message = query.get('message');
  if (message === null || (encoding !== 'json' && encoding !== 'proto')) return undefined;
  return { encoding, message, compression: query.get('compression') ?? undefined, isBase64: query.get('base64') === '1' };
}

/** Decodes the message in the query instead of the body. */
export function queryDecoder({ message, isBase64 }: GetQuery, decoder: RequestDecoder): RequestDecoder {
  return {
    // Ignores the body of a GET.
    push: () => undefined,
    end() {
      void decoder.push(isBase64 ? decode(message) : Buffer.from(message));
      return decoder.end();
    },
  };
}

function decode(text: string): Buffer {
  // Accepts both alphabets, with and without padding. Node ignores invalid characters silently.
  if (!/^[\w+/-]*={0,2}$/.test(text))
    throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'the message in the query is not base64');
  return Buffer.from(text, 'base64url');
}
