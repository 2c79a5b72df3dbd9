import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, optional, readSettings, serverSettings, text } from '#kit/runtime/settings.ts';
import { SystemServiceService } from '#proto/rentalbook/system/v1/system.ts';
import { Desk } from './desk.ts';
import { returnsOf } from './returns.ts';
import { systemService } from './service.ts';
import { reserveTable, returnTable } from './store.ts';

const settings = readSettings({
  ...serverSettings,
  ...databaseSettings,
  ...kafkaSettings,
  /** Members read `Process in` and this word while a reserve is ACTIVE. Not set: `Booking`. */
  STATUS_WORD: optional(text('must be a text of 1 to 80 characters', /^.{1,80}$/)),
});
const statusText = settings.STATUS_WORD === undefined ? 'Booking' : `Process in ${settings.STATUS_WORD}`;

await runService('rentalbook/system', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const [reserves, returns] = [new Store(database, reserveTable), new Store(database, returnTable)];
  const desk = new Desk(database, statusText);
  app.serve(SystemServiceService, systemService(desk, reserves, returns, returnsOf(returns)));
  app.outbox(database);
  app.consume({ group: 'rentalbook.system', handlers: desk.handlers(), database });
});
