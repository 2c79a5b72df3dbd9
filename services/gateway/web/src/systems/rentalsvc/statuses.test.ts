import { describe, expect, it } from 'vitest';
import { Order_Status } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import { isOver, type Progress, stepsOf, wordOfOrder, wordOfView } from './statuses.ts';

function progress(names: readonly string[]): Progress {
  return {
    events: names.map((name) => ({ name })),
    rentalCancelled: names.includes('RentalCancelled'),
    inventoryStockShortage: names.includes('InventoryStockShortage'),
  };
}

const PAID = ['RentalRequested', 'FeeReceived', 'DeliveryStarted'];
const UNDONE = ['FeeRefunded', 'RetrievalStarted'];

describe('the steps of a rental', () => {
  it.each([
    [['RentalRequested'], ['done', 'now', 'ahead', 'ahead'], 'Requested', false],
    // The events come from several topics, so any of them may be late.
    [PAID, ['done', 'now', 'done', 'done'], 'Requested', false],
    [[...PAID, 'StockTaken'], ['done', 'done', 'done', 'done'], 'On its way', false],
    [[...PAID, 'InventoryStockShortage'], ['done', 'done', 'done', 'done', 'now', 'ahead'], 'Out of stock', false],
    [[...PAID, 'InventoryStockShortage', ...UNDONE], ['done', 'done', 'done', 'done', 'done', 'done'], 'Out of stock', true],
    [['RentalRequested', 'RentalCancelled'], ['done', 'now', 'ahead', 'done', 'ahead', 'ahead'], 'Cancelling', false],
    [[...PAID, 'RentalCancelled', 'RetrievalStarted'], ['done', 'done', 'done', 'done', 'now', 'done'], 'Cancelling', false],
    [[...PAID, 'StockTaken', 'RentalCancelled', ...UNDONE], ['done', 'done', 'done', 'done', 'done', 'done', 'done'], 'Cancelled', true],
  ])('after %j', (names, states, word, over) => {
    const view = progress(names);
    expect(stepsOf(view).map(({ state }) => state)).toEqual(states);
    expect(wordOfView(view).name).toBe(word);
    expect(isOver(view)).toBe(over);
  });
});

it('each status of an order has words of its own', () => {
  const statuses = Object.values(Order_Status).filter((each) => typeof each === 'number');
  expect(new Set(statuses.map((status) => wordOfOrder(status).name)).size).toBe(statuses.length);
});
