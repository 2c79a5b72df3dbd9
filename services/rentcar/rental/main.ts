import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { RentalServiceService } from '#proto/rentcar/rental/v1/rental.ts';
import { rentalHandlers } from './handlers.ts';
import { rentalService } from './service.ts';
import { rentalTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentcar/rental', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const rentals = new Store(database, rentalTable);
  app.serve(RentalServiceService, rentalService(rentals));
  app.outbox(database);
  app.consume({ group: 'rentcar.rental', handlers: rentalHandlers(rentals), database });
});
