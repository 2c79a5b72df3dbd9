/** What a round counts and finds wrong. */
export class Findings {
  readonly counts = new Map<string, number>();
  readonly violations: string[] = [];
  /** Violations beyond the first so many are only counted. */
  static readonly #most = 50;
  #beyond = 0;

  /** Counts an occurrence, such as `reserved`. */
  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  /** Records a broken promise with the time. */
  violation(text: string): void {
    if (this.violations.length < Findings.#most) this.violations.push(`${new Date().toISOString()} ${text}`);
    else this.#beyond += 1;
  }

  /** Throws if a promise was broken. @param repeat the command that repeats the run */
  throwIfAny(repeat: string): void {
    if (this.violations.length === 0) return;
    const more = this.#beyond > 0 ? `\n… and ${this.#beyond} more` : '';
    throw new SoakFailure(`the soak found:\n${this.violations.join('\n')}${more}\nTo repeat it: ${repeat}`);
  }
}

/** A soak that found a broken promise. */
export class SoakFailure extends Error {
  override readonly name = 'SoakFailure';
}
