import { placeOf } from '../resources.ts';
import type { Finding, Path, Source } from '../source.ts';

/** Collects the findings of one object. Paths start at the object's spec. */
export class Report {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  readonly plaintext: Finding[] = [];
  readonly #resource: { readonly source: Source };

  constructor(resource: { readonly source: Source }) {
    this.#resource = resource;
  }

  /** Adds an error: Istio refuses the object. */
  error(path: Path, message: string): void {
    this.errors.push({ ...placeOf(this.#resource, ['spec', ...path]), message });
  }

  /** Adds a demand for encryption, which only Istio's own sidecars meet. An error everywhere else. */
  unencrypted(path: Path, message: string): void {
    this.plaintext.push({ ...placeOf(this.#resource, ['spec', ...path]), message });
  }

  /** Adds an error if there is a message. */
  check(path: Path, message: string | undefined): void {
    if (message !== undefined) this.error(path, message);
  }

  /** Adds a warning: Istio accepts the object, but a part is probably a mistake or has no effect here. */
  warn(path: Path, message: string): void {
    this.warnings.push({ ...placeOf(this.#resource, ['spec', ...path]), message });
  }
}
