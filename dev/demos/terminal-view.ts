import { dim, green, red } from '../bootstrap/lines.mjs';
import { wrapped } from '../mesh/terminal.ts';
import type { ListedDemo } from './catalogue.ts';
import type { ClauseNote, DemoColumn, DemoOptions, Finding } from './demo.ts';
import { bar, type Column, LiveTable } from './live-table.ts';
import type { PolicyReader } from './policy.ts';
import type { DemoSecond, ReplicaSecond } from './record.ts';
import type { Replica } from './replica.ts';
import type { DemoView } from './view.ts';

/** Columns of every demonstration, in the order of `cells`. */
const COLUMNS: readonly Column[] = [
  { title: 'time', width: 4, align: 'right' },
  { title: 'phase', width: 8, align: 'left' },
  { title: 'ok/s', width: 4, align: 'right' },
  { title: 'p50 ms', width: 6, align: 'right' },
  { title: 'expired', width: 7, align: 'right' },
  { title: 'refused', width: 7, align: 'right' },
  { title: 'p99 ms', width: 6, align: 'right' },
  { title: 'retries', width: 7, align: 'right' },
  { title: 'circuit', width: 7, align: 'left' },
];
const REPLICA_WIDTH = 11;
const BAR_WIDTH = 10;
/** Width of sentences: with their margin, the narrowest terminal in use. */
const TEXT_WIDTH = 76;

/** Shows a demonstration as a table that grows by a row each second. */
export class TerminalView implements DemoView {
  readonly #column: DemoColumn | undefined;
  #table: LiveTable | undefined;

  constructor(column: DemoColumn | undefined) {
    this.#column = column;
  }

  begin(callees: readonly Replica[]): void {
    const replicas = callees.map(({ name }): Column => ({ title: name, width: REPLICA_WIDTH, align: 'right' }));
    const extra: Column[] = this.#column === undefined ? [] : [{ ...this.#column, align: 'right' }];
    this.#table = new LiveTable([...COLUMNS, ...replicas, ...extra, { title: '', width: BAR_WIDTH, align: 'left' }]);
    this.#table.begin();
  }

  second(second: DemoSecond, index: number, isOver: boolean): void {
    const extra = this.#column === undefined ? [] : [second.extra];
    const row = [`${index + 1} s`, ...cells(second), ...second.replicas.map(replicaCell), ...extra, bar(second, BAR_WIDTH)];
    if (isOver) this.#table?.row(row);
    else this.#table?.running(row);
  }

  /** Ends the table, and leaves the terminal as it was. */
  end(): void {
    this.#table?.leave();
  }
}

function cells(second: DemoSecond): string[] {
  return [
    second.phase,
    String(second.succeeded),
    second.p50Ms?.toFixed(0) ?? '',
    countCell(second.expired),
    countCell(second.refused + second.unexpected),
    second.refusedP99Ms?.toFixed(0) ?? '',
    countCell(second.retries),
    second.openCircuits.length > 0 ? 'open' : '',
  ];
}

function replicaCell({ sent, ejected }: ReplicaSecond): string {
  if (!ejected) return String(sent);
  return sent > 0 ? `${sent} ejected` : 'ejected';
}

/** A zero is left out. */
function countCell(value: number): string {
  return value === 0 ? '' : String(value);
}

/** Describes a demonstration before it begins: its events, and the lines of the policies that decide them. */
export function headerLines({ system, demo }: ListedDemo, policies: PolicyReader, options: DemoOptions, edge: string): string[] {
  const clauses = demo.clauses(policies);
  // A line without a meaning may be longer than its column.
  const width = (part: (note: ClauseNote) => string) =>
    Math.max(0, ...clauses.filter(([, meaning]) => meaning !== '').map((note) => part(note).length));
  const [places, texts] = [width(([{ place }]) => place), width(([{ text }]) => text)];
  return [
    `${system}/${demo.name} · ${demo.title}  ${dim(`on ${edge}`)}`,
    '',
    ...wrapped(demo.about(policies, options), TEXT_WIDTH).map((line) => `  ${line}`),
    ...(clauses.length > 0 ? [''] : []),
    ...clauses.map(([{ place, text }, meaning]) => `  ${dim(place.padEnd(places))}  ${text.padEnd(texts)}  ${dim(meaning)}`.trimEnd()),
    '',
  ];
}

/** Lists findings: each promise with the observation. */
export function findingLines(findings: readonly Finding[]): string[] {
  return [
    'Promises and observations',
    ...findings.map(({ held, promise, seen }) => `  ${held ? green('✓') : red('✗')} ${promise}: ${seen}`),
  ];
}
