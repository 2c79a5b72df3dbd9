import type { Place } from '../trace.ts';

/** What lint has to say about a line. */
export interface Advice extends Place {
  /** `retry-not-idempotent`: the same for all advice of a kind. */
  readonly rule: string;
  /** An error is what Istio or this generator refuses; a warning is accepted and probably not meant. */
  readonly severity: 'error' | 'warning';
  readonly problem: string;
  readonly why: string;
  /** What to write instead. */
  readonly instead: string;
}

/** Collects warnings; one of a kind for each line, since several callers see the same policy. */
export class Notes {
  readonly #found = new Map<string, Advice>();

  /** @param key tells two warnings of one kind on one line apart */
  warn(rule: string, place: Place, { problem, why, instead }: Pick<Advice, 'problem' | 'why' | 'instead'>, key = ''): void {
    const id = `${rule} ${place.file}:${place.line} ${key}`;
    if (!this.#found.has(id)) this.#found.set(id, { rule, severity: 'warning', ...place, problem, why, instead });
  }

  get all(): Advice[] {
    return [...this.#found.values()];
  }
}
