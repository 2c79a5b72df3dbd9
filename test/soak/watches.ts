import { setTimeout as sleep } from 'node:timers/promises';
import { Mypage_Status, MypageServiceService, WatchMypageRequest, type WatchMypageResponse } from '#proto/rentcar/mypage/v1/mypage.ts';
import { channel } from '../support/grpc.ts';
import { edge } from '../support/instance.ts';
import type { Findings } from './findings.ts';

/** The order in which a view may change; a completed use outweighs a cancellation. */
const ORDER: readonly string[] = ['RESERVED', 'ALLOCATED', 'CANCELLED', 'COMPLETED'];

const NAMES = new Map(Object.entries(Mypage_Status).map(([name, value]) => [value, name]));

/** A watch that broke goes on after this. */
const RESUME_MS = 250;

/** One message of a watch. */
interface Told {
  readonly status: string;
  readonly resumeToken: string;
}

/** What one watch has told so far. */
export interface Watch {
  readonly reservationId: string;
  readonly protocol: 'REST' | 'gRPC';
  last: Told | undefined;
}

/** Watches of reservations, each of which goes on with its resume token when it breaks. */
export class Watches {
  readonly all: Watch[] = [];
  readonly #findings: Findings;
  readonly #mayBreak: () => boolean;
  readonly #connection = channel(edge.address);
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  /** @param mayBreak whether a process on the way is or was a victim */
  constructor(findings: Findings, mayBreak: () => boolean) {
    this.#findings = findings;
    this.#mayBreak = mayBreak;
  }

  /** Watches a reservation until `close`: as lines of JSON, or by gRPC. */
  open(reservationId: string, asLines: boolean): void {
    const watch: Watch = { reservationId, protocol: asLines ? 'REST' : 'gRPC', last: undefined };
    this.all.push(watch);
    this.#findings.count('watches');
    this.#running.push(this.#follow(watch, asLines ? (...given) => this.#lines(...given) : (...given) => this.#stream(...given)));
  }

  /** Ends all watches. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    this.#connection.close();
  }

  async #follow(watch: Watch, run: (watch: Watch, token: string) => Promise<string>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const end = await run(watch, watch.last?.resumeToken ?? '');
      if (this.#stop.signal.aborted) return;
      if (!this.#mayBreak()) this.#findings.violation(`a ${watch.protocol} watch of ${watch.reservationId} ended without a victim: ${end}`);
      this.#findings.count('watches resumed');
      await sleep(RESUME_MS);
    }
  }

  /** Takes a message; one that is not newer than the last is a violation. */
  #told(watch: Watch, told: Told): void {
    const { last, protocol, reservationId } = watch;
    watch.last = told;
    const [before, now] = [versionsOf(last?.resumeToken ?? '0-0'), versionsOf(told.resumeToken)];
    const newer = now.some((version, index) => version > (before[index] ?? 0));
    const older = now.some((version, index) => version < (before[index] ?? 0));
    if (!newer || older || ORDER.indexOf(told.status) < ORDER.indexOf(last?.status ?? 'RESERVED'))
      this.#findings.violation(`a ${protocol} watch of ${reservationId} told ${JSON.stringify(told)} after ${JSON.stringify(last)}`);
  }

  /** Reads the lines of a REST stream until it ends. Returns how it ended. */
  async #lines(watch: Watch, token: string): Promise<string> {
    try {
      const url = `${edge.url}/rentcar/mypages/${watch.reservationId}:watch?resumeToken=${token}`;
      const response = await fetch(url, { signal: this.#stop.signal });
      if (response.status !== 200 || response.body === null) return `HTTP ${response.status} ${await response.text()}`;
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        // The JSON form of WatchMypageResponse.
        for (const line of lines) {
          const { mypage, resumeToken } = JSON.parse(line) as { mypage: { status: string }; resumeToken: string };
          this.#told(watch, { status: mypage.status, resumeToken });
        }
      }
      return 'end of the answer';
    } catch (error) {
      return String(error);
    }
  }

  /** Reads a gRPC stream until it ends. Returns how it ended. */
  async #stream(watch: Watch, resumeToken: string): Promise<string> {
    const { path, requestSerialize, responseDeserialize } = MypageServiceService.watchMypage;
    const request = WatchMypageRequest.fromPartial({ reservationId: watch.reservationId, resumeToken });
    const stream = this.#connection.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    const cancel = () => stream.cancel();
    this.#stop.signal.addEventListener('abort', cancel, { once: true });
    stream.on('data', ({ mypage, resumeToken: token }: WatchMypageResponse) =>
      this.#told(watch, { status: NAMES.get(mypage?.status ?? Mypage_Status.STATUS_UNSPECIFIED) ?? '', resumeToken: token }),
    );
    return await new Promise((resolve) => {
      stream.on('error', () => undefined);
      stream.on('status', ({ code, details }) => {
        this.#stop.signal.removeEventListener('abort', cancel);
        resolve(`gRPC status ${code} ${details}`);
      });
    });
  }
}

/** The versions in a resume token, `2-1`. */
function versionsOf(token: string): number[] {
  return token.split('-').map(Number);
}
