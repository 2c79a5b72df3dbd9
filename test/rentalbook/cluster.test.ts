import { afterEach, describe, expect, it } from 'vitest';
import * as checks from '../cluster/support/checks.ts';
import { kubectl } from '../cluster/support/command.ts';
import { availability, figures } from '../cluster/support/users.ts';
import { unique } from '../support/patiently.ts';
import { tested } from '../support/tested/index.ts';
import { libraryAgrees, memberOf, register, reserve, viewBecomes } from './support.ts';

const rentalbook: checks.ClusterSystem = {
  name: 'rentalbook',
  work: async () => ({ path: '/rentalbook/books', body: { bookNm: unique('book') } }),
  agrees: libraryAgrees,
};

/** Reserves of one member for one book: the load of the original. */
const reserves = async (): Promise<checks.Work> => ({ path: '/rentalbook/reserves', body: memberOf(await register()) });

async function restarted(name: string): Promise<void> {
  await kubectl(['rollout', 'restart', '-n', 'rentalbook', `deployment/${name}`]);
  await kubectl(['rollout', 'status', '-n', 'rentalbook', `deployment/${name}`, '--timeout=120s'], { limitMs: 125_000 });
}

describe('Rental Book on a cluster', () => {
  checks.isDeployed(rentalbook);

  describe('the ConfigMap systemword', () => {
    afterEach(async () => {
      await kubectl(['delete', 'configmap', '-n', 'rentalbook', 'systemword', '--ignore-not-found']);
      await restarted('system');
    });

    it('changes the text of a reserve from "Booking" to "Process in Booking"', async () => {
      const reserved = async () => (await reserve(memberOf(await register()))).reserveId;
      await viewBecomes(await reserved(), { statusText: 'Booking' });
      await kubectl(['create', 'configmap', 'systemword', '-n', 'rentalbook', '--from-literal=word=Booking']);
      await restarted('system');
      await viewBecomes(await reserved(), { statusText: 'Process in Booking' });
    });
  });

  describe('one reserve at a time from the edge to system', () => {
    afterEach(() => tested.restorePolicies());

    it('lets one user succeed, and refuses a share of the calls of two with 503 and Retry-After', async () => {
      const { path, body } = await reserves();
      const pool = { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1, http2MaxRequests: 1, maxRequestsPerConnection: 1 } };
      await tested.changePolicy('rentalbook/system.yaml', [
        { kind: 'DestinationRule', path: ['spec', 'trafficPolicy', 'connectionPool'], value: pool },
      ]);
      const [one, two] = [
        await availability({ users: 1, seconds: 30 }, path, body, async () => undefined),
        await availability({ users: 2, seconds: 30 }, path, body, async () => undefined),
      ];
      console.log(`  1 user: ${figures(one)}\n  2 users: ${figures(two)}`);
      expect(one.percent).toBeGreaterThanOrEqual(99);
      expect(two.percent).toBeLessThan(95);
      for (const failure of two.failed)
        expect(failure, failure.body).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    });
  });

  checks.updatesUnnoticed(rentalbook, ['rentalbook/book'], [{ users: 100, seconds: 60, pauseMs: 4000 }]);
  checks.needsItsConfigMap(rentalbook, 'system');
  checks.restartsOnWrongLivenessPort(rentalbook, 'book');
  checks.autoscales(rentalbook, { name: 'system', maxReplicas: 10, users: 8, work: reserves });
});
