import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { LogisticsServiceService } from '#proto/rentalsvc/logistics/v1/logistics.ts';
import { deliveryHandlers } from './handlers.ts';
import { logisticsService } from './service.ts';
import { deliveryTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentalsvc/logistics', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const deliveries = new Store(database, deliveryTable);
  app.serve(LogisticsServiceService, logisticsService(deliveries));
  app.outbox(database);
  app.consume({ group: 'rentalsvc.logistics', handlers: deliveryHandlers(deliveries), database });
});
