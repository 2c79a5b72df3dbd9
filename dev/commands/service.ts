// Stops, starts, restarts or kills one process, or all replicas of a service.
import { type Control, controlClient, NotRunning } from '../control.ts';
import { topologyFromEnvironment } from '../topology.ts';

const actions = ['stop', 'start', 'restart', 'kill'] as const satisfies readonly (keyof Control)[];
const [action, name] = process.argv.slice(2);
const known = actions.find((each) => each === action);

if (known === undefined || name === undefined) {
  console.error(
    `usage: npm run service -- ${actions.join('|')} NAME     (\`npm run status\` shows the names; kill: it comes back by itself)`,
  );
  process.exitCode = 2;
} else {
  const control = controlClient(topologyFromEnvironment().state.socket);
  try {
    await control[known](name);
    console.log(
      { stop: `${name} is stopped.`, start: `${name} is ready.`, restart: `${name} is ready.`, kill: `${name} was killed.` }[known],
    );
  } catch (error) {
    console.error(error instanceof NotRunning || error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
