import { EffectReview } from '#kit/guarded-call/review.ts';
import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { count, databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { PaymentsUnconfirmed } from '#proto/starcoffee/payment/v1/events.ts';
import { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { approvalsOf } from './approvals.ts';
import { paymentHandlers } from './handlers.ts';
import { paymentService } from './service.ts';
import { paymentTable } from './store.ts';

const settings = readSettings({
  ...serverSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...leaseSettings,
  /** The highest price that is approved, in won. */
  PAYMENT_LIMIT: count(1_000_000),
});

await runService('starcoffee/payment', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const payments = new Store(database, paymentTable);
  const approvals = approvalsOf(payments, settings.PAYMENT_LIMIT);
  const review = new EffectReview({
    database,
    leaseSeconds: settings.LEASE_SECONDS,
    event: PaymentsUnconfirmed,
    content: (effects) => ({ orderIds: effects.map(({ id }) => id) }),
  });
  app.serve(PaymentServiceService, paymentService(payments, approvals, settings.PAYMENT_LIMIT));
  app.outbox(database);
  app.consume({ group: 'starcoffee.payment', handlers: paymentHandlers(approvals, review), database });
  app.every(Math.min(2, settings.LEASE_SECONDS / 4), () => review.ask());
});
