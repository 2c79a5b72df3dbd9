import type { IHeaders } from 'kafkajs';
import { DEAD_LETTER_SUFFIX, type OutgoingRecord } from './kafka.ts';

/** A record as it came from a topic. */
export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As text. Of a repeated name, the first value. */
  readonly headers: Readonly<Record<string, string>>;
  /** As they came. */
  readonly rawHeaders: Readonly<IHeaders>;
}

/** The prefix of the headers that the service kit adds to a dead letter. */
const PREFIX = 'dlq-';

/** The longest reason in a header, in characters. A longer one is cut. */
const MAX_REASON = 500;

/** Returns the dead letter of a record, for `<topic>.dlq`: the record with reason, origin and time in its headers. */
export function deadLetter(record: IncomingRecord, group: string, reason: string, time: Date): OutgoingRecord {
  return {
    topic: record.topic + DEAD_LETTER_SUFFIX,
    key: record.key,
    value: record.value,
    headers: {
      ...record.rawHeaders,
      'dlq-reason': reason.replaceAll(/\s+/g, ' ').slice(0, MAX_REASON),
      'dlq-group': group,
      'dlq-topic': record.topic,
      'dlq-partition': String(record.partition),
      'dlq-offset': record.offset,
      'dlq-time': time.toISOString(),
    },
  };
}

/** Returns the record that a dead letter was made of, byte by byte. Undefined if the record is no dead letter. */
export function revive(letter: IncomingRecord): OutgoingRecord | undefined {
  const topic = letter.headers['dlq-topic'];
  if (topic === undefined) return undefined;
  const headers = Object.fromEntries(Object.entries(letter.rawHeaders).filter(([name]) => !name.startsWith(PREFIX)));
  return { topic, key: letter.key, value: letter.value, headers };
}
