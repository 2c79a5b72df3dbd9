// One of two replicas answers UNAVAILABLE: it is taken out, and comes back. `npm run demo:ejection [-- --users N --seconds N]`.
import { type Finding, type Play, play } from './play.ts';
import { EJECTION } from './scenarios.ts';
import { seconds, times } from './words.ts';

await play({ scenario: EJECTION, findings });

function findings({ answers, span, stage, cars, policy }: Play): Finding[] {
  const { name = '', address = '' } = cars.at(-1) ?? {};
  const [healthy, ill, well] = [span('healthy').start, span('ill').start, span('well').start];
  const all = [...answers('healthy'), ...answers('ill'), ...answers('well')];
  const failed = all.filter(({ outcome }) => outcome !== 'reserved');
  const sentTo = (from: number, to: number, replica: string) =>
    (stage.sampleAt(to)?.traffic.replicas.get(replica)?.sent ?? 0) - (stage.sampleAt(from)?.traffic.replicas.get(replica)?.sent ?? 0);
  const sent = (from: number, to: number) => (stage.sampleAt(to)?.traffic.sent ?? 0) - (stage.sampleAt(from)?.traffic.sent ?? 0);
  const ejectedAt = stage.samples.find(({ at, traffic }) => at >= ill && traffic.replicas.get(address)?.ejected === true)?.at ?? Number.NaN;
  const ejections = (stage.sampleAt(well)?.traffic.ejections ?? 0) - (stage.sampleAt(ill)?.traffic.ejections ?? 0);
  const afterEjection = all.filter(({ start }) => start >= ejectedAt);
  const back = stage.samples.find(
    ({ at, traffic }) => at >= well && traffic.replicas.get(address)?.ejected === false && sentTo(well, at, address) > 0,
  );
  const backAfter = (back?.at ?? Number.NaN) - well;
  // An ejection lasts baseEjectionTime times the number of ejections without a healthy interval between them.
  const ejectedFor = policy.baseEjectionTime.value * ejections;
  const end = stage.samples.at(-1)?.at ?? 0;
  const share = sentTo(end - 2000, end, address) / sent(end - 2000, end);
  return [
    {
      held: failed.length === 0,
      promise: 'everyone gets a car, all the time',
      seen: `${all.length - failed.length} of ${all.length}`,
    },
    {
      held: ejections > 0,
      promise: `${name} is ejected`,
      seen: `${seconds(ejectedAt - ill)} after it fell ill, ${times(ejections)} in all`,
    },
    {
      held: afterEjection.length > 0 && afterEjection.every(({ outcome }) => outcome === 'reserved'),
      promise: 'no caller sees an error after that',
      seen: `${afterEjection.length} cars; ${name} had ${sentTo(ill, well, address)} of ${sent(ill, well)} calls`,
    },
    {
      held: back !== undefined,
      promise: 'when it is well it is called again by itself',
      seen: `${seconds(backAfter)} after, with an ejection of ${seconds(ejectedFor)} at most`,
    },
    {
      held: share > 0.25 && sentTo(healthy, ill, address) > 0,
      promise: 'and gets its share',
      seen: `${(share * 100).toFixed(0)} % of the calls in the last 2 s`,
    },
  ];
}
