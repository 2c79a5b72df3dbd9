import type { Handlers } from '#kit/rpc/server.ts';
import type { Mesh, ObserverServiceService } from '#proto/rentmesh/observer/v1/observer.ts';
import type { Demonstrations } from './demonstrations.ts';
import type { Policies } from './policies.ts';
import type { Watch } from './watch.ts';

/** Answers the calls of rentmesh.observer.v1.ObserverService. */
export function observerService(
  watch: Watch<Mesh>,
  policies: Policies,
  demonstrations: Demonstrations,
): Handlers<typeof ObserverServiceService> {
  return {
    async *watchMesh(_, { signal }) {
      for await (const mesh of watch.states(signal)) yield { mesh };
      // States go on for ever: why they ended is why the call ends.
      signal.throwIfAborted();
    },

    explainCall: ({ caller, method }) => policies.explain(caller, method),

    listDemonstrations: async () => ({ demonstrations: await demonstrations.list() }),

    playDemonstration: async ({ name, system }) => ({ play: await demonstrations.begin(name, system) }),

    stopDemonstration: async () => ({ play: await demonstrations.end() }),
  };
}
