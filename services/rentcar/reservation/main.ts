import { runService } from '#kit/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/settings.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { ReservationServiceService } from '#proto/rentcar/reservation/v1/reservation.ts';
import { reservationPolicies } from './consumer.ts';
import { reservationService } from './service.ts';
import { ReservationStore } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentcar.reservation', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const store = new ReservationStore(database);
  app.serve(ReservationServiceService, reservationService(store, app.client(CarServiceService)));
  app.outbox(database);
  app.consume({ group: 'rentcar.reservation', handlers: reservationPolicies(store), database });
});
