// One of two replicas resets streams after its work is done: calls are sent again. `npm run demo:retries [-- --users N --seconds N]`.
import { type Finding, type Play, play } from './play.ts';
import { RETRIES } from './scenarios.ts';

await play({ scenario: RETRIES, findings });

function findings({ answers, span, stage, policy }: Play): Finding[] {
  const all = [...answers('healthy'), ...answers('resets'), ...answers('well')];
  const reserved = all.filter(({ outcome }) => outcome === 'reserved').length;
  const [first, last] = [stage.samples[0]?.traffic, stage.samples.at(-1)?.traffic];
  const counted = (of: 'sent' | 'retries' | 'retriesRefused') => (last?.[of] ?? 0) - (first?.[of] ?? 0);
  const resets = span('resets');
  const calls = answers('resets').length;
  const retries = (stage.sampleAt(resets.end)?.traffic.retries ?? 0) - (stage.sampleAt(resets.start)?.traffic.retries ?? 0);
  const most = policy.maxRetries.value - Math.min(...stage.samples.map(({ traffic }) => traffic.retriesLeft));
  return [
    {
      held: reserved === all.length && counted('retries') > 0,
      promise: 'everyone gets a car',
      seen: `${reserved} of ${all.length}, with ${counted('retries')} calls sent again`,
    },
    {
      held: retries <= policy.attempts.value * calls,
      promise: `at most ${1 + policy.attempts.value} calls for a reservation`,
      seen: `${(1 + retries / calls).toFixed(2)} while answers got lost`,
    },
    {
      held: most <= policy.maxRetries.value,
      promise: `at most ${policy.maxRetries.value} retries at once`,
      seen: `${most}, and ${counted('retriesRefused')} that were one too many`,
    },
  ];
}
