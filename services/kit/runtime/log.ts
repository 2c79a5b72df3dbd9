import { context, trace } from '@opentelemetry/api';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { idsOf, passedContext } from './trace-context.ts';

export type { Logger } from 'pino';

/** A logger of JSON lines on stdout that name the service and, within a call or an event, its trace. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin() {
      const span = trace.getSpanContext(context.active()) ?? idsOf(passedContext.getStore() ?? {});
      return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
    },
  });
}

/** Returns an error as one line without its stack, for expected errors that are retried and for dead letters. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === '' && error instanceof AggregateError ? error.errors.map(reasonOf).join('; ') : error.message;
  return error.name === 'PoisonEvent' ? text : `${error.name}: ${text}`;
}
