import { relative } from 'node:path';
import { countKinds, formatFinding, type Mesh } from '../../envoy/index.ts';
import type { DataPlane } from './data-plane.ts';
import { type Listing, watch } from './watch.ts';

/** Whether the policies that run are those in the files. */
export interface PolicyStatus {
  /** False if the files have an error: the policies before it are in force. */
  readonly ok: boolean;
  /** When the files were last read, in ISO 8601. */
  readonly at: string;
  /** Each defect on a line, as `file:line: message`. */
  readonly error?: string;
}

/** Receives each change of the policies: whether it is in force, one line or more about it, and the milliseconds that it took. */
export type PolicyReport = (ok: boolean, detail: string, milliseconds: number) => void;

/** Formats what policies say that has no effect here: a summary, and a line for each warning. */
export function unsupportedPolicy({ warnings, clusterOnly }: Pick<Mesh, 'warnings' | 'clusterOnly'>): string[] {
  const count = `${warnings.length === 0 ? 'no' : warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  const summary = clusterOnly.length === 0 ? count : `${count}; only a cluster acts on ${countKinds(clusterOnly)}`;
  return [summary, ...warnings.map(formatFinding)];
}

/** Brings policy files into force as they are saved. A change with an error changes nothing. */
export class LivePolicy {
  readonly #dataPlane: DataPlane;
  readonly #folder: string;
  readonly #report: PolicyReport;
  #status: PolicyStatus = { ok: true, at: new Date().toISOString() };
  readonly #end: () => void;

  /**
   * Starts watching.
   *
   * @param folder the policies that the data plane follows, absolute
   * @param seen the folder as it was when the data plane read it, or before
   */
  constructor(dataPlane: DataPlane, folder: string, seen: Listing, report: PolicyReport) {
    this.#dataPlane = dataPlane;
    this.#folder = folder;
    this.#report = report;
    this.#end = watch(folder, seen, () => this.#changed());
  }

  get status(): PolicyStatus {
    return this.#status;
  }

  /** Ends the watching. */
  end(): void {
    this.#end();
  }

  async #changed(): Promise<void> {
    const start = performance.now();
    const at = new Date().toISOString();
    const before = this.#dataPlane.mesh;
    try {
      const mesh = this.#dataPlane.load();
      await this.#dataPlane.apply(mesh);
      this.#status = { ok: true, at };
      const known = new Set(before.warnings.map(formatFinding));
      const warnings = mesh.warnings.map(formatFinding).filter((each) => !known.has(each));
      this.#report(
        true,
        [`${relative(process.cwd(), this.#folder)}/ as saved is in force`, ...warnings].join('\n'),
        performance.now() - start,
      );
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#status = { ok: false, at, error: text };
      this.#report(false, `not in force, those before hold:\n${text}`, performance.now() - start);
    }
  }
}
