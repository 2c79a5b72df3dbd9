import { type Message, message } from '../json.ts';
import { hasMetadata } from '../sidecar/reply-filters.ts';
import { RETRY_AFTER_SECONDS, type ReplyError, statusDetails } from '../sidecar/reply-forms.ts';
import { type Limits, toldBound } from './limits.ts';
import { luaFilter, luaValue, script } from './lua.ts';

/** The name of the filter. */
export const COMPLETION = 'rentmesh.completion';

/**
 * Gives an answer without details the google.rpc.Status that every other one has, with when to come back. Sidecars of plain Istio answer UNAVAILABLE so,
 * for an open circuit, a limit or a replica that cannot be reached; a laptop's sidecars say it themselves. A service answers DEADLINE_EXCEEDED so when the
 * mesh's time limit, which it is told as a deadline, has passed there a moment before it passes in the sidecar: the caller gets what the sidecar would say.
 */
export function completionFilter(limits: Limits): Message {
  const forms = { [UNAVAILABLE]: form(UNREACHABLE), [DEADLINE_EXCEEDED]: form(TOO_LATE) };
  return luaFilter(COMPLETION, `local ANSWERS, BOUND = ${luaValue(forms)}, ${luaValue(toldBound(limits))}`, script('completion'));
}

/** True for a call on a direct route whose caller's deadline ends before the route's timeout. */
export const OWN_DEADLINE_FIRST: Message = hasMetadata(COMPLETION, 'expires');

const [DEADLINE_EXCEEDED, UNAVAILABLE] = [4, 14];

// The words of the sidecars' own answers (envoy/sidecar/replies.ts).
const UNREACHABLE: ReplyError = {
  code: UNAVAILABLE,
  reason: 'UPSTREAM_UNAVAILABLE',
  text: 'the service cannot be reached now; try again',
};
const TOO_LATE: ReplyError = { code: UNAVAILABLE, reason: 'UPSTREAM_TIMEOUT', text: 'the service did not answer in time; try again' };

function form(error: ReplyError): Message {
  return message({ code: String(error.code), retryAfter: String(RETRY_AFTER_SECONDS), text: error.text, details: statusDetails(error) });
}
