import type { Autoscaling, SystemDescriptor } from '../../dev/systems/descriptor.ts';

const autoscaling: Autoscaling = { minReplicas: 1, maxReplicas: 3, cpuPercent: 15 };

/** Both sides of the guarded call read it; tests shorten it, so that they need not wait 30 s for a refund. */
const testSettings = { LEASE_SECONDS: '2' };

/** Starcoffee: customers order coffee, which is paid before the order is stored and made afterwards. */
export const system: SystemDescriptor = {
  title: 'Starcoffee',
  summary: 'Customers order coffee; it is paid first, and refunded if it is not made.',
  number: 1,
  services: [
    {
      name: 'order',
      contract: 'starcoffee.order.v1.OrderService',
      store: 'postgres',
      publishes: ['starcoffee.order.v1', 'starcoffee.order.v1.cancellations', 'starcoffee.order.v1.payments'],
      consumes: ['starcoffee.make.v1', 'starcoffee.payment.v1', 'starcoffee.payment.v1.claims'],
      calls: ['/starcoffee.payment.v1.PaymentService/ApprovePayment'],
      autoscaling: { minReplicas: 1, maxReplicas: 3, cpuPercent: 5 },
      testSettings,
    },
    {
      name: 'payment',
      contract: 'starcoffee.payment.v1.PaymentService',
      store: 'postgres',
      publishes: ['starcoffee.payment.v1', 'starcoffee.payment.v1.claims'],
      consumes: ['starcoffee.make.v1', 'starcoffee.order.v1.payments'],
      autoscaling,
      testSettings,
    },
    {
      name: 'make',
      contract: 'starcoffee.make.v1.MakeService',
      store: 'postgres',
      publishes: ['starcoffee.make.v1'],
      consumes: ['starcoffee.order.v1.cancellations', 'starcoffee.payment.v1'],
      autoscaling,
      testSettings: { MAKE_SECONDS: '1' },
    },
    {
      name: 'mypage',
      contract: 'starcoffee.mypage.v1.MypageService',
      store: 'mongo',
      consumes: ['starcoffee.make.v1', 'starcoffee.order.v1', 'starcoffee.order.v1.cancellations', 'starcoffee.payment.v1'],
      autoscaling,
    },
  ],
  pages: [
    { path: '/starcoffee/orders', title: 'the orders' },
    { path: '/starcoffee/mypages', title: 'what customers see' },
  ],
  proof: () => import('./dev/proof.ts'),
  invariant: () => import('./dev/invariant.ts'),
  demos: () => import('./dev/demos/demos.ts'),
};
