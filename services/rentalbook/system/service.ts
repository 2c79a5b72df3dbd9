import type { Store } from '#kit/postgres/store.ts';
import { toWire } from '#kit/postgres/table.ts';
import { failedPrecondition } from '#kit/rpc/errors.ts';
import { checkSameContent, entityNotFound, list, newEntityId } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { SystemServiceService } from '#proto/rentalbook/system/v1/system.ts';
import type { Desk } from './desk.ts';
import { type Returns, refused } from './returns.ts';
import { reserveTable, type returnTable } from './store.ts';

/** Answers the calls of rentalbook.system.v1.SystemService. */
export function systemService(
  desk: Desk,
  reserves: Store<typeof reserveTable>,
  returns: Store<typeof returnTable>,
  returning: Returns,
): Handlers<typeof SystemServiceService> {
  return {
    async reserveBook(request, context) {
      const reserveId = newEntityId(reserves, context);
      const row = await desk.reserve(reserveId, request);
      if (row.reserveId === reserveId) checkSameContent(reserveTable, row, request);
      return { reserve: toWire(reserveTable, row) };
    },
    listReserves: (request, context) => list(reserves, request, context),
    async cancelReserve({ reserveId }) {
      const reserve = await reserves.find(reserveId);
      if (reserve === undefined) throw entityNotFound(reserveTable, reserveId);
      const row = await desk.cancel(reserve);
      if (typeof row !== 'object') throw failedPrecondition('NOT_CANCELLABLE', `reserve ${reserveId} is used`, { reserveId });
      return { reserve: toWire(reserveTable, row) };
    },
    async returnBook(request, { call }) {
      const result = await returning.apply(request, call);
      if (typeof result === 'string') throw refused(result, request);
      return { returnId: returns.idFrom(request.rentalId) };
    },
    listReturns: (request, context) => list(returns, request, context),
  };
}
