import { describe, expect, it } from 'vitest';
import { meshHost } from './client.ts';

describe('the mesh host of a service', () => {
  it.each([
    ['shop.order.v1.OrderService', 'order.shop.svc.cluster.local:50051'],
    ['shop.stock_item.v2beta1.StockService', 'stock_item.shop.svc.cluster.local:50051'],
  ])('follows from its package: %s', (service, host) => {
    expect(meshHost(service)).toBe(host);
  });

  it('has another first label where a variable names one', () => {
    const host = (value: string) => meshHost('shop.order.v1.OrderService', { ORDER_HOST: value, STOCK_HOST: 'other' });
    expect(host('order-blue')).toBe('order-blue.shop.svc.cluster.local:50051');
    expect(host('')).toBe('order.shop.svc.cluster.local:50051');
    for (const wrong of ['order.shop', 'http://order', 'Order', '-order'])
      expect(() => host(wrong), wrong).toThrow(`ORDER_HOST: "${wrong}" is not the first label of a host name`);
  });

  it.each(['grpc.health.v1.Health.x', 'order.v1.OrderService', 'shop.order.OrderService', 'shop.order.v1', ''])(
    'is not guessed where the package has another form: %s',
    (service) => {
      expect(() => meshHost(service)).toThrow('is not a service of a package');
    },
  );
});
