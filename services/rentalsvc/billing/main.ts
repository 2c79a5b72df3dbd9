import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { BillingServiceService } from '#proto/rentalsvc/billing/v1/billing.ts';
import { billHandlers } from './handlers.ts';
import { billingService } from './service.ts';
import { billTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentalsvc/billing', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const bills = new Store(database, billTable);
  app.serve(BillingServiceService, billingService(bills));
  app.outbox(database);
  app.consume({ group: 'rentalsvc.billing', handlers: billHandlers(bills), database });
});
