import { runService } from '#kit/app.ts';
import { databaseSettings, kafkaSettings, readSettings, seconds, serverSettings } from '#kit/settings.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { carPolicies } from './consumer.ts';
import { carService } from './service.ts';
import { CarStore } from './store.ts';

const settings = readSettings({
  ...serverSettings,
  ...databaseSettings,
  ...kafkaSettings,
  /** How long stock may be held for a reservation that does not confirm it, before the reservation service is asked. */
  HOLD_LEASE_SECONDS: seconds(30),
});

await runService('rentcar.car', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const store = new CarStore(database, settings.HOLD_LEASE_SECONDS);
  app.serve(CarServiceService, carService(store));
  app.outbox(database);
  app.consume({ group: 'rentcar.car', handlers: carPolicies(store), database });
  app.every(Math.max(1, settings.HOLD_LEASE_SECONDS / 10), () => store.askAboutUnconfirmed());
});
