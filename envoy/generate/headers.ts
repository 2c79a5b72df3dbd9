import { type Message, message } from '../json.ts';
import type { HeaderOperations } from '../policy/schema/virtual-service.ts';

/** Header operations of a route or destination as Envoy's fields, and the authority that they set, which Envoy has another field for. */
export interface TranslatedHeaders {
  readonly requestAdd: readonly Message[];
  readonly requestRemove: readonly string[];
  readonly responseAdd: readonly Message[];
  readonly responseRemove: readonly string[];
  readonly authority: string | undefined;
}

/** What is set comes before what is added; both by name. Names that Envoy cannot change (`:path`, `host`) are left out. */
export function translateHeaders(operations: HeaderOperations | undefined): TranslatedHeaders {
  const { request, response } = operations ?? {};
  return {
    requestAdd: [...toAdd(request?.set, true), ...toAdd(request?.add, false)],
    requestRemove: (request?.remove ?? []).filter((name) => !isInternal(name)),
    responseAdd: [...toAdd(response?.set, true), ...toAdd(response?.add, false)],
    responseRemove: (response?.remove ?? []).filter((name) => !isInternal(name)),
    authority: authorityOf(request?.set) || authorityOf(request?.add) || undefined,
  };
}

/** The fields of a route or weighted cluster; `more` is appended, so that it wins over what the route sets. */
export function headerFields(headers: TranslatedHeaders, more?: TranslatedHeaders): Message {
  const orNone = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);
  return message({
    request_headers_to_add: orNone([...headers.requestAdd, ...(more?.requestAdd ?? [])]),
    request_headers_to_remove: orNone([...headers.requestRemove, ...(more?.requestRemove ?? [])]),
    response_headers_to_add: orNone([...headers.responseAdd, ...(more?.responseAdd ?? [])]),
    response_headers_to_remove: orNone([...headers.responseRemove, ...(more?.responseRemove ?? [])]),
  });
}

function toAdd(headers: Readonly<Record<string, string>> = {}, overwrite: boolean): Message[] {
  return Object.entries(headers)
    .filter(([key]) => !isInternal(key))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) =>
      message({
        header: message({ key, value: value || undefined }),
        // Appending is the value 0 of its type, which protobuf-JSON leaves out.
        append_action: overwrite ? 'OVERWRITE_IF_EXISTS_OR_ADD' : undefined,
      }),
    );
}

function authorityOf(headers: Readonly<Record<string, string>> = {}): string | undefined {
  return Object.entries(headers).findLast(([key]) => isAuthority(key))?.[1];
}

/** Whether a name stands for the authority of a request. */
export function isAuthority(name: string): boolean {
  return [':authority', 'host'].includes(name.toLowerCase());
}

/** Whether a header is one that Envoy does not let change. */
export function isInternal(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}
