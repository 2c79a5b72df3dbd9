import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, Scalar, type ScalarTag, type Tags } from 'yaml';

/** Where a value stands: keys and list positions from the top of its document. */
export type Path = readonly (string | number)[];

/** A statement about a place in a file. */
export interface Finding {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** One YAML document with the places of its values. */
export interface Source {
  readonly file: string;
  readonly value: unknown;
  /** The line of the value at the path, or of the nearest enclosing value that is written down. Counted from 1. */
  line(path: Path): number;
}

/** Input that is refused. `findings` holds every defect; the message lists them as `file:line: what is wrong`. */
export class PolicyError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(findings.map(formatFinding).join('\n'));
    this.name = 'PolicyError';
    this.findings = findings;
  }
}

/** `file:line: message`, the form that editors turn into links. */
export function formatFinding(finding: Finding): string {
  return `${finding.file}:${finding.line}: ${finding.message}`;
}

/** Counts findings whose messages are kinds: `AuthorizationPolicy (7), PeerAuthentication (2)`. */
export function countKinds(findings: readonly Finding[]): string {
  return [...Map.groupBy(findings, ({ message }) => message)].map(([kind, each]) => `${kind} (${each.length})`).join(', ');
}

/** YAML as Kubernetes reads it: booleans as in YAML 1.1 (`on`, `yes`, `y`), `<<` merges, everything else as in YAML 1.2. */
const KUBERNETES_YAML = {
  schema: 'core',
  merge: true,
  prettyErrors: false,
  customTags: (tags: Tags): Tags => [BOOLEAN, ...tags],
} as const;

const BOOLEAN: ScalarTag = {
  identify: (value) => typeof value === 'boolean',
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => new Scalar(/^(?:y|t|on)/i.test(text)),
};

/** Reads the YAML documents of a file. Syntax errors are returned as findings; the documents that have one are left out. */
export function readDocuments(file: string, text: string): { sources: Source[]; findings: Finding[] } {
  const counter = new LineCounter();
  const sources: Source[] = [];
  const findings: Finding[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: counter, ...KUBERNETES_YAML })) {
    for (const error of document.errors) findings.push({ file, line: counter.linePos(error.pos[0]).line, message: error.message });
    if (document.errors.length > 0 || document.contents === null) continue;
    const contents: Node = document.contents;
    const start = (node: Node): number => counter.linePos(node.range?.[0] ?? 0).line;
    sources.push({
      file,
      value: withoutNulls(document.toJS()),
      line(path) {
        let node: unknown = contents;
        let line = start(contents);
        for (const step of path) {
          const next = descend(node, step);
          if (!next) break;
          if (next.at) line = start(next.at);
          node = next.value;
        }
        return line;
      },
    });
  }
  return { sources, findings };
}

function descend(node: unknown, step: string | number): { at: Node | undefined; value: unknown } | undefined {
  if (isMap(node)) {
    for (const pair of node.items) {
      if (isScalar(pair.key) && String(pair.key.value) === String(step)) return { at: pair.key, value: pair.value };
    }
  }
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? undefined : { at: isMap(item) || isScalar(item) || isSeq(item) ? item : undefined, value: item };
  }
  return undefined;
}

/** Drops fields that are null: the Kubernetes API server drops them as well, so they mean the same as fields that are not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field)]),
  );
}
