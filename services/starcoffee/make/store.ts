import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { CoffeeCancelled, CoffeeMade, CoffeeStarted } from '#proto/starcoffee/make/v1/events.ts';
import { Make_Status } from '#proto/starcoffee/make/v1/make.ts';

/** Makes. */
export const makeTable = table('makes', {
  namespace: 'starcoffee.make',
  id: 'makeId',
  columns: { makeId: uuid, orderId: uuid, userId: text, menuId: text, price: integer, status: enumOf(Make_Status) },
  mutable: ['status'],
  events: { CoffeeStarted, CoffeeMade, CoffeeCancelled },
});
