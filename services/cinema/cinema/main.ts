import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { CinemaServiceService } from '#proto/cinema/cinema/v1/cinema.ts';
import { cinemaHandlers } from './handlers.ts';
import { cinemaService } from './service.ts';
import { bookingTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('cinema/cinema', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const bookings = new Store(database, bookingTable);
  app.serve(CinemaServiceService, cinemaService(bookings));
  app.outbox(database);
  app.consume({ group: 'cinema.cinema', handlers: cinemaHandlers(bookings), database });
});
