import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { OrderServiceService } from '#proto/rentalsvc/order/v1/order.ts';
import { orderHandlers } from './handlers.ts';
import { requesting } from './request.ts';
import { orderService } from './service.ts';
import { orderTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentalsvc/order', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const orders = new Store(database, orderTable);
  app.serve(OrderServiceService, orderService(orders, requesting(orders, app.client(InventoryServiceService))));
  app.outbox(database);
  app.consume({ group: 'rentalsvc.order', handlers: orderHandlers(orders), database });
});
