import type { Message } from '../json.ts';
import { RETRY_AFTER_SECONDS, statusDetails } from '../sidecar/reply-forms.ts';
import { luaFilter, luaValue, script } from './lua.ts';

/**
 * Gives an UNAVAILABLE without details the google.rpc.Status that every other one has, with when to come back. Such answers are made by
 * sidecars of plain Istio, for an open circuit, a limit or a replica that cannot be reached; a laptop's sidecars say it themselves.
 */
export function retryInfoFilter(): Message {
  const [code, text] = [14, 'the service cannot be reached now; try again'];
  const details = statusDetails({ code, reason: 'UPSTREAM_UNAVAILABLE', text });
  const answer = { code: String(code), retryAfter: String(RETRY_AFTER_SECONDS), text, details };
  return luaFilter('rentmesh.retry_info', `local ANSWER = ${luaValue(answer)}`, script('retry-info'));
}
