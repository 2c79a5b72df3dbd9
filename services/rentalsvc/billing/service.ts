import type { Store } from '#kit/postgres/store.ts';
import { get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { BillingServiceService } from '#proto/rentalsvc/billing/v1/billing.ts';
import type { billTable } from './store.ts';

/** Answers the calls of rentalsvc.billing.v1.BillingService. */
export function billingService(bills: Store<typeof billTable>): Handlers<typeof BillingServiceService> {
  return {
    getBill: async ({ billId }, context) => ({ bill: await get(bills, billId, context) }),
    listBills: (request, context) => list(bills, request, context),
  };
}
