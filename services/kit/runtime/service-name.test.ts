import { expect, it } from 'vitest';
import { kafkaName, systemOf, telemetryName } from './service-name.ts';

it('the name of a service has the forms of logs, traces and Kafka', () => {
  expect([systemOf('shop/order'), telemetryName('shop/order'), kafkaName('shop/order')]).toEqual(['shop', 'order.shop', 'shop.order']);
});
