import { afterEach, describe, it } from 'vitest';
import * as checks from '../cluster/support/checks.ts';
import { tested } from '../support/tested/index.ts';
import { addProduct, orderBecomes, qtyBecomes, RENTED, rentalsAgree, request, SHORT, viewBecomes } from './support/rentals.ts';

const rentalsvc: checks.ClusterSystem = {
  name: 'rentalsvc',
  work: async () => {
    const { productId } = await addProduct(1_000_000);
    return { path: '/rentalsvc/orders', body: { userId: 'load', productId, qty: 1, amount: 10 } };
  },
  agrees: rentalsAgree,
};

describe('Electronics rental on a cluster', () => {
  checks.isDeployed(rentalsvc);

  describe('isolation', () => {
    const apart = ['billing', 'logistics', 'totalview'];
    afterEach(async () => {
      for (const name of apart) await tested.control.start(`${name}-1`);
    });

    it('without billing, logistics and totalview requests go on, and the rest catches up', async () => {
      const { productId } = await addProduct(100);
      for (const name of apart) await tested.control.stop(`${name}-1`);
      const rented = await request(productId, 10);
      const short = await request(productId, 110);
      await qtyBecomes(productId, 90);
      for (const name of apart) await tested.control.start(`${name}-1`);
      await orderBecomes(rented.orderId, 'CONFIRMED');
      await orderBecomes(short.orderId, 'SHORT');
      await viewBecomes(rented.orderId, RENTED);
      await viewBecomes(short.orderId, SHORT);
      await rentalsAgree();
    });
  });

  checks.updatesUnnoticed(rentalsvc, ['rentalsvc/order', 'rentalsvc/inventory'], [{ users: 100, seconds: 60, pauseMs: 4000 }]);
  checks.needsItsConfigMap(rentalsvc, 'order');
  checks.restartsOnWrongLivenessPort(rentalsvc, 'order');
  checks.autoscales(rentalsvc, { name: 'order', maxReplicas: 3, users: 8 });
});
