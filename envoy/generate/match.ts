import { type Message, message } from '../json.ts';
import type { HttpMatch, StringMatch } from '../policy/schema.ts';

/** A route's match. */
export function routeMatch(match: HttpMatch | undefined): Message {
  if (!match) return { prefix: '/' };
  const headers = [
    ...Object.entries(match.headers ?? {}).map(([name, value]) => headerMatch(name, value)),
    ...Object.entries(match.withoutHeaders ?? {}).map(([name, value]) => ({ ...headerMatch(name, value), invert_match: true })),
    ...(match.method ? [headerMatch(':method', match.method)] : []),
    ...(match.authority ? [headerMatch(':authority', match.authority)] : []),
    ...(match.scheme ? [headerMatch(':scheme', match.scheme)] : []),
  ];
  return message({
    ...pathMatch(match.uri),
    case_sensitive: !match.ignoreUriCase,
    headers: headers.length > 0 ? headers : undefined,
  });
}

function pathMatch(uri: StringMatch | undefined): Message {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? '/' };
}

function headerMatch(name: string, value: StringMatch): Message {
  const string = stringMatch(value);
  return string ? { name, string_match: string } : { name, present_match: true };
}

function stringMatch(value: StringMatch): Message | undefined {
  if (value.exact !== undefined) return { exact: value.exact };
  if (value.prefix !== undefined) return { prefix: value.prefix };
  if (value.regex !== undefined) return value.regex === '*' ? undefined : { safe_regex: { regex: value.regex } };
  return undefined;
}
