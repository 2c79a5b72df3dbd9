import { relative } from 'node:path';
import { loadMesh } from '../../envoy/index.ts';

/** What a policy says, and where: shown to people, and what a demonstration measures against. */
export interface Clause {
  /** As people read it: `timeout: 1s`. */
  readonly text: string;
  /** Where it is written: `mesh/rentcar/car.yaml:52`. */
  readonly place: string;
  /** The number in it; milliseconds for a duration, NaN for a text. */
  readonly value: number;
}

/** What decides how reservation's call of car.CheckUpdateStock goes. */
export interface CarPolicy {
  readonly timeout: Clause;
  readonly attempts: Clause;
  readonly retryOn: Clause;
  readonly backoff: Clause;
  readonly maxRetries: Clause;
  readonly consecutiveGatewayErrors: Clause;
  readonly baseEjectionTime: Clause;
  readonly interval: Clause;
  readonly maxEjectionPercent: Clause;
}

/** The policies do not say what a demonstration is to show; the message is one sentence. */
export class PolicyMissing extends Error {
  override readonly name = 'PolicyMissing';
}

const HOST = 'car.rentcar.svc.cluster.local';
const METHOD = '/rentcar.car.v1.CarService/CheckUpdateStock';

interface Located {
  readonly source: { readonly file: string; line(path: readonly (string | number)[]): number };
}

/** 250 → `250ms`, 1500 → `1.5s`. */
function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

/**
 * Reads what the policies say about reservation's call of car.
 *
 * @param folder the policies in force
 * @throws PolicyMissing naming what they do not say; PolicyError if they have defects
 */
export function readCarPolicy(folder: string): CarPolicy {
  const shown = relative(process.cwd(), folder) || '.';
  const mesh = loadMesh([shown]);
  const rule = mesh.destinationRules.find(({ spec }) => spec.host === HOST);
  const virtual = mesh.virtualServices.find(({ spec }) => spec.hosts?.includes(HOST));
  const index = virtual?.spec.http?.findIndex(({ match }) => match?.some(({ uri }) => uri?.exact === METHOD)) ?? -1;
  const route = virtual?.spec.http?.[index];
  const traffic = rule?.spec.trafficPolicy;

  /** `found` is in nanoseconds for a duration. */
  const clause = (
    resource: Located | undefined,
    path: readonly (string | number)[],
    found: number | string | undefined,
    isDuration = false,
  ) => {
    const name = String(path.at(-1));
    if (resource === undefined || found === undefined)
      throw new PolicyMissing(`The policies in ${shown} say no ${name} for calls of ${HOST}: what this shows depends on it.`);
    const value = isDuration ? Number(found) / 1e6 : Number(found);
    const place = `${resource.source.file}:${resource.source.line(path)}`;
    return { text: `${name}: ${isDuration ? durationText(value) : found}`, place, value };
  };
  const ofRoute = (path: readonly string[], found: number | string | undefined, isDuration?: boolean) =>
    clause(virtual, ['spec', 'http', index, ...path], found, isDuration);
  const ofTraffic = (path: readonly string[], found: number | string | undefined, isDuration?: boolean) =>
    clause(rule, ['spec', 'trafficPolicy', ...path], found, isDuration);
  const outlier = traffic?.outlierDetection;
  return {
    timeout: ofRoute(['timeout'], route?.timeout, true),
    attempts: ofRoute(['retries', 'attempts'], route?.retries?.attempts),
    retryOn: ofRoute(['retries', 'retryOn'], route?.retries?.retryOn),
    backoff: ofRoute(['retries', 'backoff'], route?.retries?.backoff, true),
    maxRetries: ofTraffic(['connectionPool', 'http', 'maxRetries'], traffic?.connectionPool?.http?.maxRetries),
    consecutiveGatewayErrors: ofTraffic(['outlierDetection', 'consecutiveGatewayErrors'], outlier?.consecutiveGatewayErrors),
    baseEjectionTime: ofTraffic(['outlierDetection', 'baseEjectionTime'], outlier?.baseEjectionTime, true),
    interval: ofTraffic(['outlierDetection', 'interval'], outlier?.interval, true),
    maxEjectionPercent: ofTraffic(['outlierDetection', 'maxEjectionPercent'], outlier?.maxEjectionPercent),
  };
}
