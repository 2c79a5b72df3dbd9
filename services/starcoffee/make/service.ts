import type { Store } from '#kit/postgres/store.ts';
import { get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { MakeServiceService } from '#proto/starcoffee/make/v1/make.ts';
import type { makeTable } from './store.ts';

/** Answers the calls of starcoffee.make.v1.MakeService. */
export function makeService(makes: Store<typeof makeTable>): Handlers<typeof MakeServiceService> {
  return {
    getMake: async ({ makeId }, context) => ({ make: await get(makes, makeId, context) }),
    listMakes: (request, context) => list(makes, request, context),
  };
}
