import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../laptop/control.ts';

const LIMIT_MS = 10_000;
const POLL_MS = 50;

/**
 * Writes a policy file, and waits until it is in force. Without a running system it only writes.
 *
 * @param write changes a policy file, or leaves the files as they are
 * @throws Error if the policies have an error, or did not come into force within 10 s
 */
export async function bringIntoForce(control: Pick<Control, 'status'>, write: () => boolean): Promise<void> {
  const before = await control.status().catch(() => undefined);
  if (!write() || before?.ready !== true) return;
  for (const limit = Date.now() + LIMIT_MS; ; await sleep(POLL_MS)) {
    const { ready, policy } = await control.status();
    if (!ready || (policy?.ok === true && policy.at !== before.policy?.at)) return;
    if (policy?.ok === false) throw new Error(`the edited policies have an error: ${policy.error}`);
    if (Date.now() > limit) throw new Error(`the edited policies did not come into force within ${LIMIT_MS / 1000} s`);
  }
}
