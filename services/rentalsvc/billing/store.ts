import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { Bill_Status } from '#proto/rentalsvc/billing/v1/billing.ts';
import { FeeReceived, FeeRefunded } from '#proto/rentalsvc/billing/v1/events.ts';

/** Bills. */
export const billTable = table('bills', {
  namespace: 'rentalsvc.billing',
  id: 'billId',
  columns: { billId: uuid, orderId: uuid, userId: text, amount: integer, status: enumOf(Bill_Status) },
  mutable: ['status'],
  events: { FeeReceived, FeeRefunded },
});
