import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, seconds, serverSettings } from '#kit/runtime/settings.ts';
import { MakeServiceService } from '#proto/starcoffee/make/v1/make.ts';
import { makeHandlers, makeJobs } from './handlers.ts';
import { makeService } from './service.ts';
import { makeTable } from './store.ts';

const settings = readSettings({
  ...serverSettings,
  ...databaseSettings,
  ...kafkaSettings,
  /** How long a coffee takes from its start. */
  MAKE_SECONDS: seconds(3),
});

await runService('starcoffee/make', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const makes = new Store(database, makeTable);
  app.serve(MakeServiceService, makeService(makes));
  app.outbox(database);
  app.consume({ group: 'starcoffee.make', handlers: makeHandlers(makes, settings.MAKE_SECONDS * 1000), database });
  app.runJobs({ database, handlers: makeJobs(makes) });
});
