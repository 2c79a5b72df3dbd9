import { placeOf } from '../resources.ts';
import type { Finding, Path, Source } from '../source.ts';

/** Collects what is found in one object. Paths start at the object's spec. */
export class Report {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  readonly plaintext: Finding[] = [];
  readonly #resource: { readonly source: Source };

  constructor(resource: { readonly source: Source }) {
    this.#resource = resource;
  }

  /** Something that Istio refuses. */
  error(path: Path, message: string): void {
    this.errors.push({ ...placeOf(this.#resource, ['spec', ...path]), message });
  }

  /** Encryption that Istio makes and that the sidecars generated here do not: without Istio the call must not be made at all. */
  unencrypted(path: Path, message: string): void {
    this.plaintext.push({ ...placeOf(this.#resource, ['spec', ...path]), message });
  }

  /** As error, if there is a message. */
  check(path: Path, message: string | undefined): void {
    if (message !== undefined) this.error(path, message);
  }

  /** Something that Istio accepts and that is probably not meant, or that has no effect here. */
  warn(path: Path, message: string): void {
    this.warnings.push({ ...placeOf(this.#resource, ['spec', ...path]), message });
  }
}
