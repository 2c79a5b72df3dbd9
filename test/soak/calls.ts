import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { edge } from '../support/instance.ts';
import type { Findings } from './findings.ts';
import type { Protocol } from './orders.ts';

/** Longer than any time limit of the mesh and any freeze of the soak: an answer that takes longer is a hang. */
const ANSWER_MS = 20_000;
/** How long a user repeats what is answered UNAVAILABLE. */
const PATIENCE_MS = 60_000;

/** A call in both of its forms. */
export interface Call {
  readonly method: 'GET' | 'POST';
  /** The REST path. */
  readonly path: string;
  /** `rentcar.car.v1.CarService/GetCar`. */
  readonly procedure: string;
  /** The body of a REST POST; `{}` if it is left out. */
  readonly body?: object;
  /** The request message of Connect as JSON. */
  readonly message: object;
  /** The field of the response message that a REST answer consists of. */
  readonly member?: string;
  readonly key?: string | undefined;
  /** Reasons of domain refusals that the contract allows here. */
  readonly refusals: readonly string[];
}

/** The answer to a call: what it returned, the reason of a domain refusal, or UNAVAILABLE. */
export type Answer =
  | { readonly kind: 'ok'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly retrySeconds: number }
  | { readonly kind: 'violation' };

/** Which processes are victims now, or were moments ago. */
export interface Disturbance {
  mayBreakConnections(protocol: Protocol): boolean;
}

/** Calls the edge as users do, and holds every answer against the contract. */
export class Caller {
  readonly #findings: Findings;
  readonly #disturbance: Disturbance;

  constructor(findings: Findings, disturbance: Disturbance) {
    this.#findings = findings;
    this.#disturbance = disturbance;
  }

  /** Makes a call once. An answer that the contract does not allow is recorded as a violation. */
  async once(call: Call, protocol: Protocol): Promise<Answer> {
    try {
      const response = await send(call, protocol);
      return this.#judge(call, protocol, response.status, response.headers, await response.text());
    } catch (error) {
      // fetch reports a broken connection as a TypeError.
      if (error instanceof TypeError && this.#disturbance.mayBreakConnections(protocol)) {
        this.#findings.count('dropped');
        return { kind: 'unavailable', retrySeconds: 0.2 };
      }
      const cause = error instanceof Error && error.cause !== undefined ? ` (${String(error.cause)})` : '';
      return this.#violation(call, protocol, `had no answer: ${String(error)}${cause}`);
    }
  }

  /** Makes a call, and repeats it as long as the answer is UNAVAILABLE, each time after the time that the answer names. */
  async untilAnswered(call: Call, protocol: Protocol): Promise<Answer> {
    const limit = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.once(call, protocol);
      if (answer.kind !== 'unavailable') return answer;
      if (Date.now() > limit) return this.#violation(call, protocol, `was UNAVAILABLE for ${PATIENCE_MS / 1000} s`);
      await sleep(answer.retrySeconds * 1000);
    }
  }

  #judge(call: Call, protocol: Protocol, status: number, headers: Headers, text: string): Answer {
    const body = parse(text);
    if (body === undefined) return this.#violation(call, protocol, `answered ${status} without JSON: ${text.slice(0, 300)}`);
    if (status === 200) {
      const content = protocol === 'Connect' && call.member !== undefined ? asObject(body[call.member]) : body;
      if (content !== undefined) return { kind: 'ok', body: content };
      return this.#violation(call, protocol, `answered without ${call.member}: ${text.slice(0, 300)}`);
    }
    const reason = reasonOf(body);
    if (status === 503) {
      this.#findings.count(`503 ${reason ?? 'without reason'}`);
      const seconds = Number(headers.get('retry-after') ?? retrySecondsOf(body));
      if (reason !== undefined && Number.isFinite(seconds)) return { kind: 'unavailable', retrySeconds: seconds };
      return this.#violation(call, protocol, `answered 503 without a reason or without Retry-After: ${text.slice(0, 500)}`);
    }
    if (reason !== undefined && call.refusals.includes(reason)) return { kind: 'refused', reason };
    return this.#violation(call, protocol, `answered ${status}: ${text.slice(0, 500)}`);
  }

  #violation({ method, path, procedure, key }: Call, protocol: Protocol, what: string): Answer {
    const name = protocol === 'REST' ? `${method} ${path}` : procedure;
    this.#findings.violation(`${protocol} ${name}${key === undefined ? '' : ` (key ${key})`} ${what}`);
    return { kind: 'violation' };
  }
}

async function send({ method, path, body, procedure, message, key }: Call, protocol: Protocol): Promise<Response> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
  const post = (url: string, content: object) => fetch(url, { method: 'POST', headers, body: JSON.stringify(content), signal });
  if (protocol === 'Connect') return await post(`${edge.url}/${procedure}`, message);
  return method === 'POST' ? await post(`${edge.url}${path}`, body ?? {}) : await fetch(`${edge.url}${path}`, { signal });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  // A JSON object has string keys.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** An error detail: of a google.rpc.Status as JSON, or of a Connect error, which carries the message as bytes. */
interface Detail {
  readonly '@type'?: string;
  readonly reason?: string;
  readonly retryDelay?: string;
  readonly type?: string;
  readonly value?: string;
}

/** Bytes of a detail of a Connect error, or the detail of a REST answer. */
function detailOf(body: Readonly<Record<string, unknown>>, name: string): Detail | undefined {
  // Every field is optional and is read as such.
  const details = (Array.isArray(body.details) ? body.details : []) as Detail[];
  return details.find((each) => (each['@type'] ?? each.type ?? '').endsWith(`google.rpc.${name}`));
}

function reasonOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const { reason, value } = detailOf(body, 'ErrorInfo') ?? {};
  return reason ?? (value === undefined ? undefined : ErrorInfo.decode(Buffer.from(value, 'base64')).reason);
}

/** Seconds of google.rpc.RetryInfo; NaN if there is none. */
function retrySecondsOf(body: Readonly<Record<string, unknown>>): number {
  const { retryDelay, value } = detailOf(body, 'RetryInfo') ?? {};
  if (value === undefined) return Number(retryDelay?.replace(/s$/, ''));
  const delay = RetryInfo.decode(Buffer.from(value, 'base64')).retryDelay;
  return delay === undefined ? Number.NaN : delay.seconds + delay.nanos / 1e9;
}
