import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../terminal/quantile.ts';
import type { Answer, Load, Outcome } from './load.ts';
import type { Replica } from './scene.ts';
import { readTraffic, type Traffic } from './traffic.ts';
import { bar, type Column, type View } from './view.ts';

/** How often the sidecars are asked, and the running second is redrawn, in milliseconds. */
const TICK = 200;
const SECOND = 1000;

/** What the sidecars had seen at a moment (performance.now()). */
export interface Sample {
  readonly at: number;
  /** Of reservation's calls to car. */
  readonly traffic: Traffic;
  /** Of the edge's calls to reservation: the circuit is open while its replicas are ejected there. */
  readonly door: Traffic;
}

/** A stretch of a demonstration, on the clock of performance.now(). */
export interface Phase {
  readonly name: string;
  readonly start: number;
  end: number;
}

/** A column that one demonstration adds, with what it shows of the time between two moments. */
export interface ExtraColumn extends Column {
  readonly cell: (from: number, to: number) => string;
}

/** What a stage shows. */
export interface Setting {
  readonly view: View;
  readonly load: Load;
  /** The edge, who calls car, and car's replicas. */
  readonly door: Replica;
  readonly callers: readonly Replica[];
  readonly cars: readonly Replica[];
  readonly extra?: ExtraColumn | undefined;
}

const CAR = 'car.rentcar.svc.cluster.local';
const RESERVATION = 'reservation.rentcar.svc.cluster.local';

/** Columns of every demonstration, in the order of `#cells`. */
const COLUMNS: readonly Column[] = [
  { title: 'time', width: 4, align: 'right' },
  { title: 'phase', width: 7, align: 'left' },
  { title: 'ok/s', width: 4, align: 'right' },
  { title: 'p50 ms', width: 6, align: 'right' },
  { title: 'expired', width: 7, align: 'right' },
  { title: 'refused', width: 7, align: 'right' },
  { title: 'p99 ms', width: 6, align: 'right' },
  { title: 'retries', width: 7, align: 'right' },
  { title: 'circuit', width: 7, align: 'left' },
];

const BAR_WIDTH = 10;

/** The live view of a load, second by second, and the record of what was seen. */
export class Stage {
  readonly samples: Sample[] = [];
  readonly phases: Phase[] = [];
  readonly #setting: Setting;
  readonly #start = performance.now();
  readonly #end = new AbortController();
  readonly #watching: Promise<void>;
  #shownSeconds = 0;
  /** Milliseconds of all phases so far. */
  #planned = 0;

  /** The columns of the view for these replicas. */
  static columns(cars: readonly Replica[], extra?: Column): Column[] {
    const replicas = cars.map(({ name }): Column => ({ title: name, width: 11, align: 'right' }));
    return [...COLUMNS, ...replicas, ...(extra === undefined ? [] : [extra]), { title: '', width: BAR_WIDTH, align: 'left' }];
  }

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#watching = this.#watch();
  }

  /** Every answer so far. */
  get answers(): readonly Answer[] {
    return this.#setting.load.answers;
  }

  /** A phase of whole seconds, from now on; one of the same name goes on. Rejects if `signal` is aborted. */
  async phase(name: string, seconds: number, signal: AbortSignal): Promise<void> {
    const last = this.phases.at(-1);
    const phase = last?.name === name ? last : { name, start: performance.now(), end: Number.POSITIVE_INFINITY };
    if (phase !== last) this.phases.push(phase);
    this.#planned += seconds * SECOND;
    await sleep(Math.max(0, this.#start + this.#planned - performance.now()), undefined, { signal });
    phase.end = performance.now();
  }

  /** Ends the view; the table is left as it is. */
  async end(): Promise<void> {
    this.#end.abort();
    await this.#watching;
  }

  /** The first sample at or after a moment, or the last one. */
  sampleAt(moment: number): Sample | undefined {
    return this.samples.find(({ at }) => at >= moment) ?? this.samples.at(-1);
  }

  async #watch(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const { callers, door: edge } = this.#setting;
      const [traffic, door] = await Promise.all([readTraffic(callers, CAR), readTraffic([edge], RESERVATION)]);
      const now = performance.now();
      if (traffic !== undefined && door !== undefined) this.samples.push({ at: now, traffic, door });
      for (; now >= this.#start + (this.#shownSeconds + 1) * SECOND; this.#shownSeconds++) {
        this.#setting.view.row(this.#cells(this.#shownSeconds, this.#start + (this.#shownSeconds + 1) * SECOND));
      }
      this.#setting.view.running(this.#cells(this.#shownSeconds, now));
      const next = this.#start + Math.ceil((performance.now() - this.#start + 1) / TICK) * TICK;
      await sleep(next - performance.now(), undefined, { signal: this.#end.signal }).catch(() => undefined);
    }
  }

  /** The row of a second, up to a moment in it. */
  #cells(second: number, to: number): string[] {
    const from = this.#start + second * SECOND;
    const answers = this.answers.filter(({ start, took }) => start + took >= from && start + took < to);
    const of = (outcome: Outcome) => answers.filter((answer) => answer.outcome === outcome);
    const [reserved, expired, refused, unexpected] = [of('reserved'), of('expired'), of('refused'), of('unexpected')];
    const time = (found: readonly Answer[], q: number) =>
      found.length === 0
        ? ''
        : quantile(
            found.map(({ took }) => took),
            q,
          ).toFixed(0);
    const before = this.samples.findLast(({ at }) => at < from + TICK / 2)?.traffic ?? this.samples[0]?.traffic;
    const within = this.samples.filter(({ at }) => at >= from && at < to + TICK / 2);
    const after = within.at(-1)?.traffic ?? before;
    const replicas = this.#setting.cars.map(({ address }) => {
      const sent = (after?.replicas.get(address)?.sent ?? 0) - (before?.replicas.get(address)?.sent ?? 0);
      const ejected = within.some(({ traffic }) => traffic.replicas.get(address)?.ejected === true);
      return ejected ? (sent > 0 ? `${sent} ejected` : 'ejected') : String(sent);
    });
    const open = within.some(({ door }) => [...door.replicas.values()].some(({ ejected }) => ejected));
    const phase = this.phases.findLast(({ start }) => start < to - TICK / 2) ?? this.phases[0];
    return [
      `${second + 1} s`,
      phase?.name ?? '',
      String(reserved.length),
      time(reserved, 0.5),
      count(expired.length),
      count(refused.length + unexpected.length),
      time(refused, 0.99),
      count((after?.retries ?? 0) - (before?.retries ?? 0)),
      open ? 'open' : '',
      ...replicas,
      ...(this.#setting.extra === undefined ? [] : [this.#setting.extra.cell(from, to)]),
      bar({ reserved: reserved.length, expired: expired.length, refused: refused.length, unexpected: unexpected.length }, BAR_WIDTH),
    ];
  }
}

/** A number that is only worth showing if there is something. */
function count(value: number): string {
  return value === 0 ? '' : String(value);
}
