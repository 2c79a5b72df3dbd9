import { GRPC_STATUS } from '../../envoy/generate/grpc.ts';
import { listed } from './words.ts';

/** Envoy's retry conditions in words: when a try is followed by another. */
const CONDITIONS: Readonly<Record<string, string>> = {
  'connect-failure': 'no connection came about',
  'refused-stream': 'the replica refused the call before it worked on it',
  reset: 'the connection broke or the try took too long',
  'reset-before-request': 'the connection broke before the request was sent',
  '5xx': 'there was no answer or one with HTTP status 5xx (a gRPC status does not count)',
  'gateway-error': 'there was no answer or one with HTTP status 502, 503 or 504 (a gRPC status does not count)',
  'retriable-4xx': 'the HTTP status is 409',
  'retriable-headers': 'the answer has a header that the request names',
  'envoy-ratelimited': 'a rate limit refused it',
  'http3-post-connect-failure': 'a connection by HTTP/3 broke at once',
};

/** When a route tries again, one phrase each. `retriable-status-codes` is told by its codes. */
export function conditionsInWords(conditions: readonly string[], codes: readonly number[]): string[] {
  return [
    ...conditions
      .filter((condition) => condition !== 'retriable-status-codes')
      .map((condition) => CONDITIONS[condition] ?? answered(condition)),
    ...(codes.length > 0 ? [`the HTTP status is ${listed(codes.map(String))}`] : []),
  ];
}

function answered(condition: string): string {
  const status = condition.toUpperCase().replaceAll('-', '_');
  return GRPC_STATUS.includes(status) ? `the answer is ${status}` : condition;
}

/** Conditions as a sentence names them. */
export function conditionNames(conditions: readonly string[]): string {
  return listed(
    conditions.map((condition) => `\`${condition}\``),
    'and',
  );
}
