import type { Place } from '../trace.ts';

/** Advice of lint on a line. */
export interface Advice extends Place {
  /** Name of the kind of advice: `retry-not-idempotent`. */
  readonly rule: string;
  /** Istio or the generator refuses an error. Both accept a warning, which is probably a mistake. */
  readonly severity: 'error' | 'warning';
  readonly problem: string;
  readonly why: string;
  /** What to write instead. */
  readonly instead: string;
}

/** Collects warnings: one of a kind per line, although several callers see the same policy. */
export class Findings {
  readonly #found = new Map<string, Advice>();

  /** @param key distinguishes two warnings of one kind on one line */
  warn(rule: string, place: Place, { problem, why, instead }: Pick<Advice, 'problem' | 'why' | 'instead'>, key = ''): void {
    const id = `${rule} ${place.file}:${place.line} ${key}`;
    if (!this.#found.has(id)) this.#found.set(id, { rule, severity: 'warning', ...place, problem, why, instead });
  }

  get all(): Advice[] {
    return [...this.#found.values()];
  }
}
