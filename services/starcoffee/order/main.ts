import { ConfirmationReport } from '#kit/guarded-call/report.ts';
import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { OrdersConfirmed } from '#proto/starcoffee/order/v1/events.ts';
import { OrderServiceService } from '#proto/starcoffee/order/v1/order.ts';
import { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { orderHandlers } from './handlers.ts';
import { placing } from './place.ts';
import { orderService } from './service.ts';
import { orderTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings, ...leaseSettings });

/** How often orders are reported to payment: several times within a lease, so that the report adds little to it. */
const reportSeconds = Math.min(3, settings.LEASE_SECONDS / 4);

await runService('starcoffee/order', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const orders = new Store(database, orderTable);
  const place = placing(orders, app.client(PaymentServiceService));
  const report = new ConfirmationReport({
    database,
    table: orderTable,
    event: OrdersConfirmed,
    content: (orderIds, confirmedUntil) => ({ orderIds, confirmedUntil }),
    intervalSeconds: reportSeconds,
  });
  app.serve(OrderServiceService, orderService(orders, place));
  app.outbox(database);
  app.consume({ group: 'starcoffee.order', handlers: orderHandlers(orders, place), database });
  app.every(reportSeconds, () => report.publish());
});
