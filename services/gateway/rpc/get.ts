import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import type { Inlet } from './inlets.ts';

/** The query of a Connect call by GET: the request is in the URL. */
export interface GetQuery {
  readonly encoding: 'json' | 'proto';
  readonly compression: string | undefined;
  readonly message: string;
  readonly isBase64: boolean;
}

/** Reads the query of a URL. Undefined if it is not that of a Connect call. */
export function readQuery(url: string): GetQuery | undefined {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const encoding = query.get('encoding');
  const message = query.get('message');
  if (message === null || (encoding !== 'json' && encoding !== 'proto')) return undefined;
  return { encoding, message, compression: query.get('compression') ?? undefined, isBase64: query.get('base64') === '1' };
}

/** Takes the message out of the query instead of the body. */
export function queryInlet({ message, isBase64 }: GetQuery, inlet: Inlet): Inlet {
  return {
    // A GET has no body; what a client sends all the same means nothing.
    push: () => undefined,
    end() {
      void inlet.push(isBase64 ? decode(message) : Buffer.from(message));
      return inlet.end();
    },
  };
}

function decode(text: string): Buffer {
  // Both alphabets, with and without padding: Node takes them all, and ignores what belongs to none.
  if (!/^[\w+/-]*={0,2}$/.test(text))
    throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', 'the message in the query is not base64');
  return Buffer.from(text, 'base64url');
}
