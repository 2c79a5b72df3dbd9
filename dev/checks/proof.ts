import { setTimeout as sleep } from 'node:timers/promises';
import type { ProofReport } from '../systems/descriptor.ts';

/** A step of a self-proof that failed; the message says what was expected and what came. */
export class ProofFailed extends Error {
  override readonly name = 'ProofFailed';
  /** The process whose log tells more: `rentcar/car-1`. */
  readonly process: string;

  constructor(message: string, process: string) {
    super(message);
    this.process = process;
  }
}

/** The longest wait for the effect of an event, in milliseconds: a consumer group that all members have just joined. */
const EVENT_TIMEOUT_MS = 20_000;

/** A request that takes longer fails the proof, in milliseconds. */
const REQUEST_TIMEOUT_MS = 5_000;

/** Repeats a read after this many milliseconds. */
const POLL_MS = 20;

/** A read through the edge. */
export interface Read<T> {
  /** The thing that is read, for an error: "the allocation". */
  readonly what: string;
  readonly get: () => Promise<T>;
  readonly isExpected: (found: T) => boolean;
}

/** An entity or a view. */
interface HasStatus {
  readonly status: string;
}

/** A list with its nextPageToken. */
type Page = Readonly<Record<string, readonly HasStatus[] | string>>;

/** How an entity that all proofs share is made. */
export interface Shared<T> {
  readonly service: string;
  /** The list that the entity is posted to. */
  readonly path: string;
  readonly body: object;
  readonly idOf: (created: T) => string;
  /** Whether an earlier proof left it as it was. */
  readonly isUsable: (found: T) => boolean;
  /** Describes the entity. */
  readonly result: (found: T) => string;
}

/** The steps of a self-proof: requests through the edge, and reads that wait for the effect of an event. */
export class Proof {
  readonly #url: string;
  readonly #system: string;
  readonly #report: ProofReport;

  /**
   * @param url the edge
   * @param system names the processes in errors
   */
  constructor(url: string, system: string, report: ProofReport) {
    this.#url = url;
    this.#system = system;
    this.#report = report;
  }

  /** Runs a step and reports it. `result` describes what came. */
  async step<T>(name: string, work: () => Promise<T>, result: (found: T) => string): Promise<T> {
    const start = performance.now();
    const found = await work();
    this.#report(name, result(found), performance.now() - start);
    return found;
  }

  /** Posts JSON to a path that `service` answers, as a step. Its result is the status of the answer. @throws ProofFailed */
  async change<T>(name: string, service: string, path: string, body: object = {}): Promise<T & HasStatus> {
    return await this.step(
      name,
      () => this.post<T & HasStatus>(service, path, body),
      ({ status }) => status,
    );
  }

  /** Reads until what is expected comes, as a step. @throws ProofFailed after 20 s */
  async wait<T>(name: string, service: string, read: Read<T>, result: (found: T) => string): Promise<T> {
    return await this.step(name, () => this.#until(service, read), result);
  }

  /** Reads until a path answers with a status, as a step; of a list the first entry counts. @throws ProofFailed after 20 s */
  async waitForStatus(name: string, service: string, path: string, status: string): Promise<void> {
    const get = async () => entityOf(await this.find<HasStatus | Page>(service, path));
    const isExpected = (found: HasStatus | undefined) => found?.status === status;
    await this.wait(name, service, { what: `${path} with status ${status}`, get, isExpected }, () => status);
  }

  /**
   * Creates the entity that all proofs share, by its idempotency key, as a step. Where an earlier proof was cut off and left the
   * entity changed, the entity of the next key is taken.
   */
  async createShared<T>(name: string, { service, path, body, idOf, isUsable, result }: Shared<T>): Promise<T> {
    const create = async () => {
      for (let attempt = 1; ; attempt += 1) {
        const created = await this.post<T>(service, path, body, { 'idempotency-key': `self-proof-${attempt}` });
        const found = await this.get<T>(service, `${path}/${idOf(created)}`);
        if (isUsable(found)) return found;
      }
    };
    return await this.step(name, create, result);
  }

  /** Reads once. @throws ProofFailed if something else comes */
  async expect<T>(service: string, { what, get, isExpected }: Read<T>): Promise<T> {
    const found = await get();
    if (!isExpected(found)) throw this.#failed(`expected ${what}, found ${JSON.stringify(found)}`, service);
    return found;
  }

  /** Posts JSON to a path that `service` answers. @throws ProofFailed */
  async post<T>(service: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const found = await this.#request<T>(service, path, postOf(body, headers));
    if (found === undefined) throw this.#failed(`${path} answered 404`, service);
    return found;
  }

  /**
   * Posts JSON to a path, and expects that `service` refuses with the reason.
   *
   * @throws ProofFailed if it succeeds, or fails for another reason
   */
  async refused(service: string, path: string, body: unknown, reason: string): Promise<void> {
    const response = await this.#send(path, postOf(body));
    const text = await response.text();
    if (response.ok || !text.includes(`"${reason}"`))
      throw this.#failed(`expected ${reason}, ${path} answered ${describe(response, text)}`, service);
  }

  /** Reads JSON from a path that `service` answers. @throws ProofFailed */
  async get<T>(service: string, path: string): Promise<T> {
    const found = await this.find<T>(service, path);
    if (found === undefined) throw this.#failed(`${path} answered 404`, service);
    return found;
  }

  /** Reads as `get` does; returns undefined for 404. @throws ProofFailed */
  async find<T>(service: string, path: string): Promise<T | undefined> {
    return await this.#request<T>(service, path, {});
  }

  async #until<T>(service: string, { what, get, isExpected }: Read<T>): Promise<T> {
    const deadline = Date.now() + EVENT_TIMEOUT_MS;
    for (;;) {
      const found = await get();
      if (isExpected(found)) return found;
      if (Date.now() > deadline)
        throw this.#failed(`${what} did not appear within ${EVENT_TIMEOUT_MS / 1000} s; last seen: ${JSON.stringify(found)}`, service);
      await sleep(POLL_MS);
    }
  }

  async #request<T>(service: string, path: string, init: RequestInit): Promise<T | undefined> {
    const response = await this.#send(path, init);
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw this.#failed(`${path} answered ${describe(response, text)}`, service);
    // The caller names the type that the contract of the path has.
    return JSON.parse(text) as T;
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    } catch (error) {
      throw new ProofFailed(`${path} got no answer (${error instanceof Error ? (error.cause ?? error) : error})`, 'edge');
    }
  }

  #failed(message: string, service: string): ProofFailed {
    return new ProofFailed(message, `${this.#system}/${service}-1`);
  }
}

/** Returns an entity as it is, and of a list the first entry. */
function entityOf(found: HasStatus | Page | undefined): HasStatus | undefined {
  if (found === undefined || isEntity(found)) return found;
  return Object.values(found).find((value) => typeof value !== 'string')?.[0];
}

function isEntity(found: HasStatus | Page): found is HasStatus {
  return typeof found.status === 'string';
}

function postOf(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function describe({ status }: Response, text: string): string {
  return `${status}: ${text.slice(0, 300)}`;
}
