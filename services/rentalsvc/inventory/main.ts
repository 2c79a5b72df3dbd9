import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { inventoryHandlers } from './handlers.ts';
import { inventoryService } from './service.ts';
import { productTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentalsvc/inventory', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  app.serve(InventoryServiceService, inventoryService(new Store(database, productTable)));
  app.outbox(database);
  app.consume({ group: 'rentalsvc.inventory', handlers: inventoryHandlers(database), database });
});
