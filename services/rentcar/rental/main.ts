import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { RentalServiceService } from '#proto/rentcar/rental/v1/rental.ts';
import { rentalPolicies } from './consumer.ts';
import { rentalService } from './service.ts';
import { RentalStore } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentcar.rental', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const store = new RentalStore(database);
  app.serve(RentalServiceService, rentalService(store));
  app.outbox(database);
  app.consume({ group: 'rentcar.rental', handlers: rentalPolicies(store), database });
});
