// One of two replicas resets streams after its work is done: calls are sent again. `npm run demo:retries [-- --users N --seconds N]`.
import { type Finding, type Play, play } from './play.ts';

await play({
  name: 'retries',
  title: 'answers get lost, cars do not',
  replicas: 2,
  defaults: { users: 20, seconds: 8 },
  about: (_, options) =>
    [
      `${options.users} users reserve.`,
      `After 3 s one replica of car takes the stock, and then resets half of the calls instead of answering them, for ${options.seconds} s.`,
      `The caller's sidecar sends them again, to the other replica:`,
      'the same reservation id is the same stock.',
    ].join(' '),
  clauses: ({ retryOn, attempts, backoff, maxRetries, consecutiveGatewayErrors }) => [
    [retryOn, ''],
    [attempts, 'how often at most'],
    [backoff, 'before the first'],
    [maxRetries, 'how many at once'],
    [consecutiveGatewayErrors, 'resets that eject it'],
  ],
  script: async ({ phase, users, scene, options, cars }) => {
    users({ users: options.users, rest: 250 });
    await phase('healthy', 3);
    await scene.fault(cars.at(-1)?.name ?? '', { resetRate: 0.5 });
    await phase('resets', options.seconds);
    await scene.heal();
    await phase('well', 3);
  },
  findings,
});

function findings({ answers, span, stage, policy }: Play): Finding[] {
  const all = [...answers('healthy'), ...answers('resets'), ...answers('well')];
  const reserved = all.filter(({ outcome }) => outcome === 'reserved').length;
  const [first, last] = [stage.samples[0]?.traffic, stage.samples.at(-1)?.traffic];
  const counted = (of: 'sent' | 'retries' | 'retriesRefused') => (last?.[of] ?? 0) - (first?.[of] ?? 0);
  const resets = span('resets');
  const calls = answers('resets').length;
  const retries = (stage.sampleAt(resets.end)?.retries ?? 0) - (stage.sampleAt(resets.start)?.retries ?? 0);
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
