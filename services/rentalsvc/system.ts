import type { Autoscaling, SystemDescriptor } from '../../dev/systems/descriptor.ts';

/** The original names no numbers: those of the other systems. */
const autoscaling: Autoscaling = { minReplicas: 1, maxReplicas: 3, cpuPercent: 15 };

/** Rental service: customers rent electronics; a shortage or a cancellation is undone by events. */
export const system: SystemDescriptor = {
  title: 'Electronics rental',
  summary: 'Customers rent electronics; a shortage cancels, refunds and retrieves by events.',
  number: 4,
  services: [
    {
      name: 'order',
      contract: 'rentalsvc.order.v1.OrderService',
      store: 'postgres',
      publishes: ['rentalsvc.order.v1'],
      consumes: ['rentalsvc.inventory.v1', 'rentalsvc.inventory.v1.taken'],
      calls: ['/rentalsvc.inventory.v1.InventoryService/CheckInventory'],
      autoscaling,
    },
    {
      name: 'inventory',
      contract: 'rentalsvc.inventory.v1.InventoryService',
      store: 'postgres',
      publishes: ['rentalsvc.inventory.v1', 'rentalsvc.inventory.v1.taken'],
      consumes: ['rentalsvc.order.v1'],
      autoscaling,
    },
    {
      name: 'billing',
      contract: 'rentalsvc.billing.v1.BillingService',
      store: 'postgres',
      publishes: ['rentalsvc.billing.v1'],
      consumes: ['rentalsvc.order.v1', 'rentalsvc.inventory.v1'],
      autoscaling,
    },
    {
      name: 'logistics',
      contract: 'rentalsvc.logistics.v1.LogisticsService',
      store: 'postgres',
      publishes: ['rentalsvc.logistics.v1'],
      consumes: ['rentalsvc.billing.v1'],
      autoscaling,
    },
    {
      name: 'totalview',
      contract: 'rentalsvc.totalview.v1.TotalViewService',
      store: 'mongo',
      consumes: [
        'rentalsvc.order.v1',
        'rentalsvc.inventory.v1',
        'rentalsvc.inventory.v1.taken',
        'rentalsvc.billing.v1',
        'rentalsvc.logistics.v1',
      ],
      autoscaling,
    },
  ],
  pages: [
    { path: '/rentalsvc/inventories', title: 'the products and their stock' },
    { path: '/rentalsvc/totalviews', title: 'the orders and their steps' },
  ],
  proof: () => import('./dev/proof.ts'),
  invariant: () => import('./dev/invariant.ts'),
  demos: () => import('./dev/demos/demos.ts'),
};
