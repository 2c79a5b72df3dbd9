import { EffectReview } from '#kit/guarded-call/review.ts';
import { StatePublisher } from '#kit/postgres/state-publisher.ts';
import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, leaseSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { carHandlers } from './handlers.ts';
import { holdsOf } from './holds.ts';
import { carService } from './service.ts';
import { carTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings, ...leaseSettings });

/** How often the stock of changed cars is published. */
const PUBLISH_SECONDS = 1;

await runService('rentcar/car', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const stock = new StatePublisher(database, carTable, 'StockUpdated');
  const holds = holdsOf(database, (carIds) => stock.noteChange(carIds));
  const review = new EffectReview({
    database,
    leaseSeconds: settings.LEASE_SECONDS,
    event: HoldsUnconfirmed,
    content: (effects) => ({ holds: effects.map(({ id, subjectId }) => ({ reservationId: id, carId: subjectId })) }),
  });
  await stock.publishAll();
  app.serve(CarServiceService, carService(new Store(database, carTable), holds));
  app.outbox(database);
  app.consume({ group: 'rentcar.car', handlers: carHandlers(holds, review), database });
  app.every(PUBLISH_SECONDS, () => stock.publish());
  app.every(Math.min(2, settings.LEASE_SECONDS / 4), () => review.ask());
});
