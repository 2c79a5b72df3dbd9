import { type Message, message } from '../json.ts';
import type { StringMatch } from '../policy/schema/values.ts';
import type { HttpMatch } from '../policy/schema/virtual-service.ts';

/** A route's match. Without one the route takes every request. */
export function routeMatch(match: HttpMatch | undefined): Message {
  if (!match) return { prefix: '/' };
  const named = [
    ...Object.entries(match.headers ?? {}).map(([name, value]) => headerMatch(name, value)),
    ...Object.entries(match.withoutHeaders ?? {}).map(([name, value]) => withoutHeader(name, value)),
  ].sort(byName);
  const pseudo = ([':method', ':authority', ':scheme'] as const).flatMap((name) => {
    const value = match[name === ':method' ? 'method' : name === ':authority' ? 'authority' : 'scheme'];
    return value ? [headerMatch(name, value)] : [];
  });
  const query = Object.entries(match.queryParams ?? {})
    .map(([name, value]) => headerMatch(name, value))
    .sort(byName);
  const headers = [...named, ...pseudo];
  return message({
    ...pathMatch(match.uri),
    case_sensitive: !match.ignoreUriCase,
    headers: headers.length > 0 ? headers : undefined,
    query_parameters: query.length > 0 ? query : undefined,
  });
}

/** Whether a match takes every request, so that no later route is ever reached. */
export function isCatchAll(match: Message): boolean {
  const regex = match.safe_regex;
  const everyPath = match.prefix === '/' || (regex !== null && typeof regex === 'object' && 'regex' in regex && regex.regex === '.*');
  return everyPath && match.headers === undefined && match.query_parameters === undefined;
}

function byName(a: Message, b: Message): number {
  return String(a.name) < String(b.name) ? -1 : String(a.name) > String(b.name) ? 1 : 0;
}

function pathMatch(uri: StringMatch | undefined): Message {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? '/' };
}

function headerMatch(name: string, value: StringMatch): Message {
  const string = stringMatch(value);
  return string === undefined || isPresence(value) ? { name, present_match: true } : { name, string_match: string };
}

function withoutHeader(name: string, value: StringMatch): Message {
  const match = { ...headerMatch(name, value), invert_match: true };
  // "Does not have this value" holds where the header is missing, too. Envoy refuses the field beside present_match.
  return isPresence(value) ? match : { ...match, treat_missing_header_as_empty: true };
}

/** The regex `*` is Istio's way to write "is there". */
function isPresence(value: StringMatch): boolean {
  return stringMatch(value) === undefined || value.regex === '*';
}

/** Istio's StringMatch as Envoy's StringMatcher; undefined if it names no value. */
export function stringMatch(value: StringMatch): Message | undefined {
  if (value.exact !== undefined) return { exact: value.exact };
  if (value.prefix !== undefined) return { prefix: value.prefix };
  if (value.regex !== undefined) return { safe_regex: { regex: value.regex } };
  return undefined;
}
