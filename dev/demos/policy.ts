import { relative } from 'node:path';
import { loadMesh } from '../../envoy/index.ts';
import { mostSpecific } from '../../envoy/policy/hosts.ts';

/** A setting of a policy and its place: shown to people, and the measure of findings. */
export interface Clause {
  /** As people read it: `timeout: 1s`. */
  readonly text: string;
  /** `mesh/rentcar/car.yaml:52`. */
  readonly place: string;
  /** The number in it; milliseconds for a duration, NaN for a text. */
  readonly value: number;
}

/** Reads settings below one place of a policy. Both throw PolicyMissing where the policy does not have the setting. */
export interface ClauseReader {
  /** A number or a text: `setting('retries', 'attempts')`. */
  setting(...path: string[]): Clause;
  duration(...path: string[]): Clause;
}

/** A policy lacks a setting that a demonstration depends on; the message is one sentence. */
export class PolicyMissing extends Error {
  override readonly name = 'PolicyMissing';
}

interface Located {
  readonly source: { readonly file: string; line(path: readonly (string | number)[]): number };
  readonly spec: object;
}

type Path = readonly (string | number)[];

/** Reads the policies of a running system. */
export class PolicyReader {
  readonly #folder: string;
  readonly #mesh: ReturnType<typeof loadMesh>;

  /** @param folder the policies in force @throws PolicyError if they have defects */
  constructor(folder: string) {
    this.#folder = relative(process.cwd(), folder) || '.';
    this.#mesh = loadMesh([this.#folder]);
  }

  /** Returns the settings of the HTTP route for calls of a method: `/rentcar.car.v1.CarService/CheckUpdateStock`. */
  route(host: string, method: string): ClauseReader {
    const service = this.#mesh.virtualServices.find(({ spec }) => spec.hosts?.includes(host));
    const index = service?.spec.http?.findIndex(({ match }) => match?.some(({ uri }) => uri?.exact === method)) ?? -1;
    return this.#reader(service, host, ['http', index]);
  }

  /** Returns the settings of the traffic policy for calls of a host, or of a subset of it: those of the rule with the most specific host. */
  traffic(host: string, subset?: string): ClauseReader {
    // Of several rules with one host the first counts.
    const rules = new Map(this.#mesh.destinationRules.toReversed().map((rule) => [rule.spec.host ?? '', rule]));
    const rule = mostSpecific(host, rules);
    if (subset === undefined) return this.#reader(rule, host, ['trafficPolicy']);
    const index = rule?.spec.subsets?.findIndex(({ name }) => name === subset) ?? -1;
    return this.#reader(rule, host, ['subsets', index, 'trafficPolicy']);
  }

  #reader(resource: Located | undefined, host: string, parent: Path): ClauseReader {
    const clause = (path: readonly string[], textOf: (found: unknown) => string, toNumber: (found: unknown) => number): Clause => {
      const name = String(path.at(-1));
      const found = valueAt(resource?.spec, [...parent, ...path]);
      if (resource === undefined || found === undefined)
        throw new PolicyMissing(`The policies in ${this.#folder} say no ${name} for calls of ${host}: what this shows depends on it.`);
      const place = `${resource.source.file}:${resource.source.line(['spec', ...parent, ...path])}`;
      return { text: `${name}: ${textOf(found)}`, place, value: toNumber(found) };
    };
    // Durations are read in nanoseconds.
    const milliseconds = (found: unknown) => Number(found) / 1e6;
    return {
      setting: (...path) => clause(path, String, Number),
      duration: (...path) => clause(path, (found) => durationText(milliseconds(found)), milliseconds),
    };
  }
}

/** 250 → `250ms`, 1500 → `1.5s`. */
function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((parent: unknown, key) => (isRecord(parent) ? parent[key] : undefined), value);
}

function isRecord(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
