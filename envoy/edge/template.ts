/** What a path template of google.api.http says. */
export interface PathTemplate {
  /** The paths that it stands for, as an RE2 expression for the whole path without its query. */
  readonly regex: string;
  /** The fields that are in the path, by their names in the proto: `car_id`, `car.name`. */
  readonly fields: readonly string[];
  /** `cancel` of `/reservations/{reservation_id}:cancel`. */
  readonly verb: string | undefined;
}

/** What stands between two slashes, or is a variable: `{name}`, `{name=cars/*}`, `*`, `**`, a word. */
const PART = /\{([\w.]+)(?:=([^}]*))?\}|\*\*|\*|[^/{}*:]+|\/|:/g;
const ONE_SEGMENT = '[^/]+';
const ANY_SEGMENTS = '.*';

/**
 * Reads a path template, with the grammar that google/api/http.proto gives. Like Envoy's transcoder it lets a path end with a slash.
 *
 * @throws Error if it is none
 */
export function readTemplate(template: string): PathTemplate {
  const fields: string[] = [];
  let [regex, verb, end] = ['', undefined as string | undefined, 0];
  for (const match of template.matchAll(PART)) {
    const [part, field, pattern = '*'] = match;
    if (match.index !== end) break;
    end += part.length;
    if (part === ':') {
      verb = template.slice(end);
      end = template.length;
      break;
    }
    if (field !== undefined) fields.push(field);
    regex += field === undefined ? segment(part) : pattern.split('/').map(segment).join('/');
  }
  if (!template.startsWith('/') || end !== template.length) throw new Error(`"${template}" is not a path template of google.api.http`);
  return { regex: `${regex}${verb === undefined ? '/?' : `:${quote(verb)}`}`, fields, verb };
}

function segment(part: string): string {
  if (part === '*') return ONE_SEGMENT;
  return part === '**' ? ANY_SEGMENTS : quote(part);
}

function quote(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
