import { ConfirmationReport } from '#kit/guarded-call/report.ts';
import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { PaymentServiceService } from '#proto/cinema/payment/v1/payment.ts';
import { ReservationsConfirmed } from '#proto/cinema/reservation/v1/events.ts';
import { ReservationServiceService } from '#proto/cinema/reservation/v1/reservation.ts';
import { reservationHandlers } from './handlers.ts';
import { reserving } from './reserve.ts';
import { reservationService } from './service.ts';
import { reservationTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings, ...leaseSettings });

/** How often reservations are reported to payment: several times within a lease, so that the report adds little to it. */
const reportSeconds = Math.min(3, settings.LEASE_SECONDS / 4);

await runService('cinema/reservation', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const reservations = new Store(database, reservationTable);
  const reserve = reserving(reservations, app.client(PaymentServiceService));
  const report = new ConfirmationReport({
    database,
    table: reservationTable,
    event: ReservationsConfirmed,
    content: (reservationIds, confirmedUntil) => ({ reservationIds, confirmedUntil }),
    intervalSeconds: reportSeconds,
  });
  app.serve(ReservationServiceService, reservationService(reservations, reserve));
  app.outbox(database);
  app.consume({ group: 'cinema.reservation', handlers: reservationHandlers(reservations, reserve), database });
  app.every(reportSeconds, () => report.publish());
});
