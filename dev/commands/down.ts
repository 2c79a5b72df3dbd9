// Stops everything, or what a killed supervisor left: `npm run down`. Takes systems away: `npm run down -- SYSTEM…`.
import { red } from '../bootstrap/lines.mjs';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { endOrphans } from '../laptop/record.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';

const names = process.argv.slice(2);
const { state } = topologyFromEnvironment();
const control = controlClient(state.socket);

/** Takes systems away. If none would remain, everything stops. */
async function takeAway(): Promise<void> {
  const { systems } = await control.status();
  const unknown = names.find((name) => name !== 'all' && !systems.includes(name));
  if (unknown !== undefined) throw new RangeError(`There is no running system "${unknown}"; there are: ${systems.join(', ')}.`);
  if (names.includes('all') || systems.every((name) => names.includes(name))) return await stop();
  for (const name of new Set(names)) {
    await control.down(name);
    console.log(`${name} is stopped, its data is kept.`);
  }
}

async function stop(): Promise<void> {
  await control.shutdown();
  console.log('Stopped: every process has ended, the data is kept.');
}

try {
  await (names.length === 0 ? stop() : takeAway());
} catch (error) {
  if (error instanceof NotRunning) {
    const orphans = await endOrphans(state.record, state.root);
    console.log(orphans.length === 0 ? 'Nothing was running.' : `Ended ${orphans.length} processes that a killed run had left.`);
  } else {
    console.error(`${red('✗')} ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
