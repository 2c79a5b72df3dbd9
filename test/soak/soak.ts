import { range } from '../support/eventually.ts';
import { control, system } from '../support/instance.ts';
import { registerCar } from '../support/rentcar.ts';
import { Caller } from './calls.ts';
import { Findings } from './findings.ts';
import { checkLogs, logEnds } from './logs.ts';
import type { Order } from './orders.ts';
import { topicEnds, untilQuiet } from './quiet.ts';
import { Random } from './random.ts';
import { sampleStock } from './sampler.ts';
import { runUser } from './users.ts';
import { verify, verifyWatches } from './verify.ts';
import { type Blow, Blows, Deck, describeBlow, plan } from './victims.ts';
import { Watches } from './watches.ts';

/** What a soak is made of. The same seed plans the same blows and draws the same steps of each user. */
export interface SoakOptions {
  readonly seed: number;
  readonly rounds: number;
  /** How long the load of a round lasts, in seconds. */
  readonly roundSeconds: number;
  /** Told one line after each round. */
  readonly report: (line: string) => void;
}

const USERS = 10;
const CARS = 5;
/** The services that run twice, so that a replica can die while the other one serves. */
const REPLICATED = ['car', 'reservation'];

/** Runs rounds of mixed load with victims, and checks everything after each. @throws SoakFailure after the first round that found something */
export async function soak(options: SoakOptions): Promise<void> {
  const { seed, rounds, roundSeconds, report } = options;
  const random = new Random(seed);
  const deck = new Deck(random.fork());
  const run = `soak-${seed}-${Date.now().toString(36)}`;
  for (const service of REPLICATED) await control.scale(service, 2);
  try {
    for (const number of range(rounds)) {
      const begun = performance.now();
      const { processes } = await control.status();
      const ofRound = random.fork();
      const blows = plan(
        ofRound.fork(),
        deck,
        processes.map(({ name }) => name),
        roundSeconds * 1000,
      );
      report(`round ${number + 1}: ${blows.map(describeBlow).join(', ')}`);
      const findings = await round(`${run}-${number + 1}`, blows, ofRound, roundSeconds * 1000);
      const counts = [...findings.counts].map(([what, times]) => `${what} ${times}`).toSorted();
      report(`  ${((performance.now() - begun) / 1000).toFixed(1)} s: ${counts.join(', ')}`);
      findings.throwIfAny(`npm run soak -- --seed ${seed} --rounds ${number + 1} --round-seconds ${roundSeconds}`);
    }
  } finally {
    for (const service of REPLICATED) await control.scale(service, 1);
  }
}

async function round(name: string, blows: readonly Blow[], random: Random, roundMs: number): Promise<Findings> {
  const findings = new Findings();
  const before = (await control.status()).processes;
  const logs = logEnds(system.state.logs);
  const { deadLetters } = await topicEnds();
  const cars = await Promise.all(range(CARS).map((index) => registerCar(random.integer(4, 20), `${name}-car-${index + 1}`)));
  const carIds = cars.map(({ carId }) => carId);

  const dealt = new Blows(blows);
  const orders: Order[] = [];
  const watches = new Watches(findings, () => dealt.mayEndStreams());
  const market = { carIds, orders, caller: new Caller(findings, dealt), watches, findings };
  const users = range(USERS).map((index) => `${name}-user-${index + 1}`);
  const sampling = new AbortController();
  const sampler = sampleStock(carIds, findings, sampling.signal);
  try {
    const load = AbortSignal.timeout(roundMs);
    await Promise.all([dealt.deal(), ...users.map((user) => runUser(user, market, random.fork(), load))]);
    await dealt.recovered(before, findings);
    const stock = await untilQuiet();
    await verify(users, orders, stock, findings);
    await verifyWatches(watches.all, findings);
  } finally {
    await watches.close();
    sampling.abort();
    await sampler;
  }
  for (const order of orders) if (order.outcome === undefined) findings.violation(`${order.id} never had an answer`);
  if ((findings.counts.get('samples') ?? 0) === 0) findings.violation('the stock was never sampled');
  for (const [topic, end] of Object.entries((await topicEnds()).deadLetters)) {
    const letters = end - (deadLetters[topic] ?? 0);
    if (letters > 0) findings.violation(`${topic} has ${letters} new dead letters`);
  }
  checkLogs(
    system.state.logs,
    logs,
    blows.map(({ victim }) => victim),
    findings,
  );
  return findings;
}
