import type { Message } from '../json.ts';
import { all, any, CALLED_BY_GRPC, expression, GRPC_WEB, GRPC_WEB_JSON } from '../sidecar/reply-filters.ts';
import { grpcForm, grpcWebForm, type ReplyError, restForm } from '../sidecar/reply-forms.ts';
import { OWN_DEADLINE_FIRST } from './completion.ts';
import { type Limits, toldBound } from './limits.ts';

/** Its caller's own library says the same, mostly before this is there, and without details. */
const EXPIRED: ReplyError = { code: 4, text: 'the deadline of the call has passed' };

/**
 * The forms of Envoy's answers to calls that outlive the deadline of their caller. A call that outlives the bound of the front, or the policy's timeout,
 * is answered like any other that takes too long.
 */
export function expiredReplies(limits: Limits): Message[] {
  const inFront = expression(
    `response.code_details == "max_duration_timeout" && request.headers["grpc-timeout"] != "${toldBound(limits)}"`,
  );
  const byOwnDeadline = any(inFront, all(expression('response.code_details == "response_timeout"'), OWN_DEADLINE_FIRST));
  return [
    { filter: all(byOwnDeadline, GRPC_WEB_JSON), ...grpcWebForm('application/grpc-web+json')(EXPIRED) },
    { filter: all(byOwnDeadline, GRPC_WEB), ...grpcWebForm('application/grpc-web+proto')(EXPIRED) },
    { filter: all(byOwnDeadline, CALLED_BY_GRPC), ...grpcForm(EXPIRED) },
    { filter: byOwnDeadline, ...restForm({ ...EXPIRED, reason: 'DEADLINE_EXCEEDED' }) },
  ];
}
