import { relative } from 'node:path';
import { loadMesh } from '../../envoy/index.ts';
import type { OutlierDetection } from '../../envoy/policy/schema/destination-rule.ts';

/** What a policy says, and where: shown to people, and what a demonstration measures against. */
export interface Clause {
  /** As people read it: `timeout: 1s`. */
  readonly text: string;
  /** Where it is written: `mesh/rentcar/car.yaml:52`. */
  readonly place: string;
  /** The number in it; milliseconds for a duration, NaN for a text. */
  readonly value: number;
}

/** When replicas are left alone, and for how long. */
export interface EjectionPolicy {
  readonly consecutiveGatewayErrors: Clause;
  readonly baseEjectionTime: Clause;
  readonly interval: Clause;
  readonly maxEjectionPercent: Clause;
}

/** What decides how reservation's call of car.CheckUpdateStock goes. */
export interface CarPolicy extends EjectionPolicy {
  readonly timeout: Clause;
  readonly attempts: Clause;
  readonly retryOn: Clause;
  readonly backoff: Clause;
  readonly maxRetries: Clause;
  /** When callers of ReserveCar are refused before reservation is asked. */
  readonly circuit: EjectionPolicy;
}

/** The policies do not say what a demonstration is to show; the message is one sentence. */
export class PolicyMissing extends Error {
  override readonly name = 'PolicyMissing';
}

const CAR = 'car.rentcar.svc.cluster.local';
const TAKE_STOCK = '/rentcar.car.v1.CarService/CheckUpdateStock';
const RESERVATION = 'reservation.rentcar.svc.cluster.local';
/** Route and subset of ReserveCar. */
const RESERVE = 'reserve';

interface Located {
  readonly source: { readonly file: string; line(path: readonly (string | number)[]): number };
}

/** 250 → `250ms`, 1500 → `1.5s`. */
function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

/**
 * Reads what the policies say about reservation's call of car, and about the circuit before reservation.
 *
 * @param folder the policies in force
 * @throws PolicyMissing naming what they do not say; PolicyError if they have defects
 */
export function readCarPolicy(folder: string): CarPolicy {
  const shown = relative(process.cwd(), folder) || '.';
  const mesh = loadMesh([shown]);
  const ruleOf = (host: string) => mesh.destinationRules.find(({ spec }) => spec.host === host);
  const clauseOf =
    (resource: Located | undefined, host: string, parent: readonly (string | number)[]) =>
    /** `found` is in nanoseconds for a duration. */
    (path: readonly string[], found: number | string | undefined, isDuration = false): Clause => {
      const name = String(path.at(-1));
      if (resource === undefined || found === undefined)
        throw new PolicyMissing(`The policies in ${shown} say no ${name} for calls of ${host}: what this shows depends on it.`);
      const value = isDuration ? Number(found) / 1e6 : Number(found);
      const place = `${resource.source.file}:${resource.source.line(['spec', ...parent, ...path])}`;
      return { text: `${name}: ${isDuration ? durationText(value) : found}`, place, value };
    };

  const virtual = mesh.virtualServices.find(({ spec }) => spec.hosts?.includes(CAR));
  const index = virtual?.spec.http?.findIndex(({ match }) => match?.some(({ uri }) => uri?.exact === TAKE_STOCK)) ?? -1;
  const route = virtual?.spec.http?.[index];
  const ofRoute = clauseOf(virtual, CAR, ['http', index]);

  const rule = ruleOf(CAR);
  const traffic = rule?.spec.trafficPolicy;
  const ofTraffic = clauseOf(rule, CAR, ['trafficPolicy']);

  const reservation = ruleOf(RESERVATION);
  const subset = reservation?.spec.subsets?.findIndex(({ name }) => name === RESERVE) ?? -1;
  const circuit = reservation?.spec.subsets?.[subset]?.trafficPolicy?.outlierDetection;
  return {
    timeout: ofRoute(['timeout'], route?.timeout, true),
    attempts: ofRoute(['retries', 'attempts'], route?.retries?.attempts),
    retryOn: ofRoute(['retries', 'retryOn'], route?.retries?.retryOn),
    backoff: ofRoute(['retries', 'backoff'], route?.retries?.backoff, true),
    maxRetries: ofTraffic(['connectionPool', 'http', 'maxRetries'], traffic?.connectionPool?.http?.maxRetries),
    ...ejectionPolicy(ofTraffic, traffic?.outlierDetection),
    circuit: ejectionPolicy(clauseOf(reservation, RESERVATION, ['subsets', subset, 'trafficPolicy']), circuit),
  };
}

function ejectionPolicy(
  clause: (path: readonly string[], found: number | string | undefined, isDuration?: boolean) => Clause,
  outlier: OutlierDetection | undefined,
): EjectionPolicy {
  const of = (field: keyof EjectionPolicy, isDuration = false) => clause(['outlierDetection', field], outlier?.[field], isDuration);
  return {
    consecutiveGatewayErrors: of('consecutiveGatewayErrors'),
    baseEjectionTime: of('baseEjectionTime', true),
    interval: of('interval', true),
    maxEjectionPercent: of('maxEjectionPercent'),
  };
}
