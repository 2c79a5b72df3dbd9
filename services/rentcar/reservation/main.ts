import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { ReservationServiceService } from '#proto/rentcar/reservation/v1/reservation.ts';
import { ConfirmationReport } from './confirmation.ts';
import { reservationPolicies } from './consumer.ts';
import { reservationService } from './service.ts';
import { ReservationStore } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings, ...leaseSettings });

/** How often reservations are reported to car: several times within a lease, so that the report adds little to it. */
const reportSeconds = Math.min(3, settings.HOLD_LEASE_SECONDS / 4);

await runService('rentcar.reservation', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const store = new ReservationStore(database);
  const report = new ConfirmationReport(database, reportSeconds);
  app.serve(ReservationServiceService, reservationService(store, app.client(CarServiceService)));
  app.outbox(database);
  app.consume({ group: 'rentcar.reservation', handlers: reservationPolicies(store), database });
  app.every(reportSeconds, () => report.publish());
});
