import type { SystemStatus } from '../../laptop/control.ts';
import { table } from '../../terminal/table.ts';
import type { Level } from '../counter-deltas.ts';
import { openedBy, openLimits, type Row } from '../rates.ts';
import { styled } from '../terminal.ts';

/** What is shown. */
export interface View {
  readonly status: SystemStatus;
  readonly rows: readonly Row[];
  /** Sidecars that did not answer. */
  readonly silent: readonly string[];
  /** Whether rows without any call are shown. */
  readonly all: boolean;
}

const OUTBOUND = [
  'caller',
  'callee',
  'calls/s',
  'success',
  'p50 ms',
  'p99 ms',
  'retries/s',
  'refused/s',
  'timeouts/s',
  'calls left',
  'circuit',
  'ejected',
];
const INBOUND = ['pod', 'calls/s', 'p50 ms', 'p99 ms', 'refused/s', 'calls left', 'circuit'];

/** The live sidecars as text. */
export function formatView({ status, rows, silent, all }: View): string {
  const shown = rows.filter((row) => all || row.callsEver > 0 || isTroubled(row));
  const outbound = shown.filter(({ direction }) => direction === 'outbound');
  const inbound = shown.filter(({ direction }) => direction === 'inbound');
  return [
    styled('bold', `Rentmesh ${status.ready ? '' : 'is starting '}at ${status.edge}`),
    policyLine(status),
    ...silent.map((name) => styled('red', `${name}'s sidecar does not answer`)),
    '',
    ...(outbound.length > 0 ? lines(OUTBOUND, outbound, outboundCells) : ['no calls yet']),
    '',
    ...(inbound.length > 0 ? ['What comes in to each pod:', ...lines(INBOUND, inbound, inboundCells)] : []),
  ].join('\n');
}

function policyLine({ policy }: SystemStatus): string {
  if (!policy) return 'policies: being read';
  const since = new Date(policy.at).toLocaleTimeString('en-GB');
  return policy.ok
    ? styled('dim', `policies: in force as saved, read at ${since}`)
    : styled('red', `policies: the files have an error since ${since}, those before are in force\n${policy.error ?? ''}`);
}

/** Whether something keeps calls from being answered. */
export function isTroubled({ circuit, ejected, refused, noReplica, success }: Row): boolean {
  return openLimits(circuit).length > 0 || ejected.length > 0 || refused + noReplica > 0 || (success ?? 1) < 1;
}

function lines(header: readonly string[], rows: readonly Row[], cells: (row: Row) => string[]): string[] {
  const [names = '', rule = '', ...made] = table(header, rows.map(cells)).split('\n');
  return [
    names,
    rule,
    ...made.map((line, i) => {
      const row = rows[i];
      return row && isTroubled(row) ? styled(openLimits(row.circuit).length > 0 || row.ejected.length > 0 ? 'red' : 'yellow', line) : line;
    }),
  ];
}

function outboundCells(row: Row): string[] {
  return [
    row.sidecar,
    row.callee,
    rate(row.calls, row.seconds),
    row.success === undefined ? '–' : `${Number((row.success * 100).toFixed(1))} %`,
    milliseconds(row.p50),
    milliseconds(row.p99),
    rate(row.retries, row.seconds),
    rate(row.refused + row.noReplica, row.seconds),
    rate(row.timeouts, row.seconds),
    left(row.circuit.calls),
    circuit(row),
    ejections(row),
  ];
}

/** Who is ejected now; ejections shorter than the time between two looks are counted. */
function ejections({ ejected, ejections: count, replicas }: Row): string {
  if (ejected.length > 0) return `${ejected.join(', ')} (${ejected.length} of ${replicas.length})`;
  return count > 0 ? `${count} that are over` : '–';
}

function inboundCells(row: Row): string[] {
  return [
    row.sidecar,
    rate(row.calls, row.seconds),
    milliseconds(row.p50),
    milliseconds(row.p99),
    rate(row.refused, row.seconds),
    left(row.circuit.calls),
    circuit(row),
  ];
}

function circuit(row: Row): string {
  const open = openedBy(row);
  return open.length === 0 ? 'closed' : `OPEN: ${open.join(', ')}`;
}

function left({ limit, left: remaining }: Level): string {
  return limit === undefined ? 'no limit' : `${remaining}/${limit}`;
}

function rate(count: number, seconds: number): string {
  const perSecond = seconds > 0 ? count / seconds : 0;
  return perSecond === 0 ? '0' : perSecond.toFixed(perSecond < 10 ? 1 : 0);
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(value < 10 ? 1 : 0);
}
