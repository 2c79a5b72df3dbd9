import { unavailable } from '#kit/rpc/errors.ts';
import { runService } from '#kit/runtime/app.ts';
import { readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { ObserverServiceService } from '#proto/rentmesh/observer/v1/observer.ts';
import { listDemos } from '../demos/catalogue.ts';
import { recover } from '../demos/environment.ts';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { Demonstrations } from './demonstrations.ts';
import { Observation } from './observation.ts';
import { Policies } from './policies.ts';
import { observerService } from './service.ts';
import { Watch } from './watch.ts';

/** How often a state is measured. */
const INTERVAL_MS = 1000;

const settings = readSettings(serverSettings);
const topology = topologyFromEnvironment();

await runService('rentmesh/observer', settings, async (app) => {
  const policies = new Policies();
  const demonstrations = new Demonstrations(topology, await listDemos(), app.log);
  const observation = new Observation(topology, controlClient(topology.state.socket), policies, () => demonstrations.play);
  const watch = new Watch(async () => {
    try {
      return await observation.measure();
    } catch (error) {
      throw error instanceof NotRunning ? unavailable('SUPERVISOR_UNAVAILABLE', error.message, { cause: error }) : error;
    }
  }, INTERVAL_MS);

  // The observer before may have been killed in the middle of a demonstration.
  if (await recover(topology)) app.log.warn('undid the changes of a demonstration that was killed');
  // At once, and not only when running calls have ended: those of watchers last as long as they want.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void demonstrations.end());
  app.onStop(async () => {
    await demonstrations.end();
  });
  app.serve(ObserverServiceService, observerService(watch, policies, demonstrations));
});
