import { EffectReview } from '#kit/guarded-call/review.ts';
import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { count, databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { PaymentsUnconfirmed } from '#proto/cinema/payment/v1/events.ts';
import { PaymentServiceService } from '#proto/cinema/payment/v1/payment.ts';
import { paymentEffects } from './effects.ts';
import { paymentHandlers } from './handlers.ts';
import { paymentService } from './service.ts';
import { paymentTable } from './store.ts';

const settings = readSettings({
  ...serverSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...leaseSettings,
  /** The highest price that can be paid, in won. */
  PAYMENT_LIMIT: count(1_000_000),
});

await runService('cinema/payment', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const payments = new Store(database, paymentTable);
  const effects = paymentEffects(payments, settings.PAYMENT_LIMIT);
  const review = new EffectReview({
    database,
    leaseSeconds: settings.LEASE_SECONDS,
    event: PaymentsUnconfirmed,
    content: (unconfirmed) => ({ reservationIds: unconfirmed.map(({ id }) => id) }),
  });
  app.serve(PaymentServiceService, paymentService(payments, effects, settings.PAYMENT_LIMIT));
  app.outbox(database);
  app.consume({ group: 'cinema.payment', handlers: paymentHandlers(effects, review), database });
  app.every(Math.min(2, settings.LEASE_SECONDS / 4), () => review.ask());
});
