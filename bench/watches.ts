// Measures what open watches cost while nothing changes: `npm run bench:watches [-- --watches 4000]`, on the running system.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import { MypageServiceService, WatchMypageRequest, type WatchMypageResponse } from '#proto/rentcar/mypage/v1/mypage.ts';
import { topologyFromEnvironment } from '../dev/laptop/topology.ts';
import { table } from './figures.ts';
import { HttpClient } from './http-client.ts';
import { calibrate, machineTitle } from './machine.ts';
import { difference, MeasuredSystem } from './measured-system.ts';
import { newUser, registerCar, reservationOf, reserve } from './rentcar-calls.ts';

const { values: options } = parseArgs({ options: { watches: { type: 'string', default: '4000' } } });

/** Streams of one connection: fewer than the edge allows. */
const STREAMS = 50;
/** How many are opened at once. */
const AT_ONCE = 100;
const OPEN_LIMIT_MS = 60_000;
const SETTLE_MS = 5000;
const MEASURED_SECONDS = 30;

async function main(): Promise<void> {
  const system = await MeasuredSystem.attach(topologyFromEnvironment());
  const client = new HttpClient(system.edge, 4);
  const watches = Number(options.watches);
  const address = new URL(system.edge).host;
  const channels: Client[] = [];
  try {
    const { reservationId } = reservationOf(await reserve(client, await registerCar(client), newUser()));
    await sleep(SETTLE_MS);
    const before = calibrate();
    const [idle, memoryBefore] = [await use(system), system.memory()];
    const ends: number[] = [];
    for (let opened = 0; opened < watches; opened += AT_ONCE) {
      const started = Array.from({ length: Math.min(AT_ONCE, watches - opened) }, (_, index) => {
        if ((opened + index) % STREAMS === 0)
          channels.push(new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }));
        const channel = channels.at(-1);
        if (channel === undefined) throw new Error('no channel');
        return open(channel, reservationId, (code) => ends.push(code));
      });
      await Promise.all(started);
    }
    await sleep(SETTLE_MS);
    const [open4000, memory] = [await use(system), system.memory()];
    if (ends.length > 0) throw new Error(`${ends.length} watches ended, with gRPC status ${[...new Set(ends)].join(', ')}`);
    const text = page(watches, { idle, watched: open4000, memoryBefore, memory, calibrations: [before, calibrate()] });
    console.log(`\n${text}`);
    writeFileSync(new URL('./watches.md', import.meta.url), text);
  } finally {
    for (const channel of channels) channel.close();
    client.close();
  }
}

/** Opens a watch, and waits for its first message. */
async function open(channel: Client, reservationId: string, onEnd: (code: number) => void): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = MypageServiceService.watchMypage;
  const first = Promise.withResolvers<void>();
  const limit = setTimeout(() => first.reject(new Error('a watch has told nothing')), OPEN_LIMIT_MS);
  const request = WatchMypageRequest.fromPartial({ reservationId });
  const stream = channel.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  stream.on('data', (_: WatchMypageResponse) => first.resolve());
  stream.on('error', first.reject);
  stream.on('status', ({ code }) => onEnd(code));
  await first.promise.finally(() => clearTimeout(limit));
}

/** CPU of each process at rest, in percent of one core. */
async function use(system: MeasuredSystem): Promise<Map<string, number>> {
  const before = system.cpu();
  await sleep(MEASURED_SECONDS * 1000);
  return new Map([...difference(system.cpu(), before)].map(([name, seconds]) => [name, (100 * seconds) / MEASURED_SECONDS]));
}

interface Found {
  readonly idle: ReadonlyMap<string, number>;
  readonly watched: ReadonlyMap<string, number>;
  readonly memoryBefore: ReadonlyMap<string, number>;
  readonly memory: ReadonlyMap<string, number>;
  readonly calibrations: readonly number[];
}

function page(watches: number, { idle, watched, memoryBefore, memory, calibrations }: Found): string {
  const total = (figures: ReadonlyMap<string, number>) => figures.values().reduce((sum, each) => sum + each, 0);
  const mebibytes = (bytes = 0) => (bytes / 2 ** 20).toFixed(0);
  const rows = [...idle.keys()].map((name) => [
    name,
    (idle.get(name) ?? 0).toFixed(2),
    (watched.get(name) ?? 0).toFixed(2),
    mebibytes(memoryBefore.get(name)),
    mebibytes(memory.get(name)),
  ]);
  const sums = ['**sum**', total(idle).toFixed(2), total(watched).toFixed(2), mebibytes(total(memoryBefore)), mebibytes(total(memory))];
  return `# Watches while nothing changes

\`npm run bench:watches -- --watches ${watches}\` on ${machineTitle()}. ${watches.toLocaleString('en')} streams of \`WatchMypage\` are open through the edge,
${STREAMS} on each connection. CPU is that of ${MEASURED_SECONDS} s without any change, in percent of one core; memory is PSS in MiB.

${table(['process', 'CPU without', 'CPU with', 'MiB without', 'MiB with'], [...rows, sums])}

The calibration loop took ${calibrations.map((each) => each.toFixed(0)).join(' ms before and ')} ms after.
`;
}

await main();
