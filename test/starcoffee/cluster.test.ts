import { describe } from 'vitest';
import * as checks from '../cluster/support/checks.ts';
import { allAgree, coffeeOf } from './support.ts';

const starcoffee: checks.ClusterSystem = {
  name: 'starcoffee',
  work: async () => ({ path: '/starcoffee/orders', body: coffeeOf() }),
  agrees: allAgree,
};

describe('Starcoffee on a cluster', () => {
  checks.isDeployed(starcoffee);
  checks.opensItsCircuit(starcoffee, {
    front: 'order',
    callee: 'payment',
    method: 'starcoffee.payment.v1.PaymentService/ApprovePayment',
    delayMs: [400, 620],
  });
  checks.updatesUnnoticed(starcoffee, ['starcoffee/order', 'starcoffee/payment'], [{ users: 100, seconds: 60, pauseMs: 4000 }]);
  checks.needsItsConfigMap(starcoffee, 'order');
  checks.restartsOnWrongLivenessPort(starcoffee, 'make');
  checks.autoscales(starcoffee, { name: 'order', maxReplicas: 3, users: 8 });
});
