import { boolean, generated, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { CarRegistered, StockUpdated } from '#proto/rentcar/car/v1/events.ts';

/** Cars. */
export const carTable = table('cars', {
  namespace: 'rentcar.car',
  id: 'carId',
  columns: { carId: uuid, carName: text, qty: integer, initialQty: integer, inStock: generated(boolean) },
  mutable: ['qty'],
  events: { CarRegistered, StockUpdated },
});
