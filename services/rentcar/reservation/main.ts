import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { ReservationServiceService } from '#proto/rentcar/reservation/v1/reservation.ts';
import { ConfirmationReport } from './confirmation.ts';
import { reservationHandlers } from './handlers.ts';
import { reservationService } from './service.ts';
import { reservationTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings, ...leaseSettings });

/** How often reservations are reported to car: several times within a lease, so that the report adds little to it. */
const reportSeconds = Math.min(3, settings.HOLD_LEASE_SECONDS / 4);

await runService('rentcar.reservation', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const reservations = new Store(database, reservationTable);
  const report = new ConfirmationReport(database, reportSeconds);
  app.serve(ReservationServiceService, reservationService(reservations, app.client(CarServiceService)));
  app.outbox(database);
  app.consume({ group: 'rentcar.reservation', handlers: reservationHandlers(reservations), database });
  app.every(reportSeconds, () => report.publish());
});
