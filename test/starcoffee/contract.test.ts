import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '#kit/rpc/contracts.ts';
import { BadRequest } from '#proto/google/rpc/error_details.ts';
import { OrderServiceService } from '#proto/starcoffee/order/v1/order.ts';
import { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { expectInvalid, failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { edge, podService } from '../support/instance.ts';
import { NO_ID, unique } from '../support/patiently.ts';
import { get, listAll, rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { coffeeOf, order, ordersOf, tryOrder } from './support.ts';

beforeAll(() => runSystem('starcoffee'));

const LONG_USER = 'x'.repeat(101);

/** Broken rules of PlaceOrder: the field with a value, at any protocol. */
const broken: readonly (readonly [field: string, content: Partial<ReturnType<typeof coffeeOf>>])[] = [
  ['userId', { userId: '' }],
  ['userId', { userId: LONG_USER }],
  ['menuId', { menuId: '' }],
  ['menuId', { menuId: 'x'.repeat(65) }],
  ['menuId', { menuId: 'a\0b' }],
  ['price', { price: -1 }],
  ['price', { price: 1_000_000_001 }],
];

const OrderService = createFileRegistry(fromBinary(FileDescriptorSetSchema, readImage())).getService('starcoffee.order.v1.OrderService');

/** Orders through Connect or gRPC-Web. Returns the fields that the error names. */
async function fieldsRefused(transport: Transport, coffee: object): Promise<string[]> {
  if (OrderService === undefined) throw new Error('the contracts have no OrderService');
  // The descriptor is known at run time only, and so are the methods of the client.
  const methods = createClient(OrderService, transport) as unknown as Record<string, (request: object) => Promise<unknown>>;
  const error = await methods.placeOrder?.(coffee).then(
    () => undefined,
    (thrown: unknown) => ConnectError.from(thrown),
  );
  expect(error?.code).toBe(Code.InvalidArgument);
  const details =
    error?.details.flatMap((detail) => ('type' in detail && detail.type === 'google.rpc.BadRequest' ? [detail.value] : [])) ?? [];
  return details.flatMap((value) => BadRequest.decode(value).fieldViolations.map(({ field }) => field));
}

describe.each(broken)('an order with a wrong %s', (field, content) => {
  it('is INVALID_ARGUMENT naming the field at all four protocols, and nothing is stored', async () => {
    const userId = content.userId ?? unique('user');
    const coffee = { ...coffeeOf({ userId }), ...content };
    expectInvalid(await failureOf(tryOrder(coffee)), field);
    const connection = channel(edge.address);
    try {
      expectInvalid(await failureOf(client(connection, OrderServiceService).placeOrder(coffee)), field);
    } finally {
      connection.close();
    }
    const transports: readonly Transport[] = [createConnectTransport({ baseUrl: edge.url }), createGrpcWebTransport({ baseUrl: edge.url })];
    for (const transport of transports) expect(await fieldsRefused(transport, coffee)).toEqual([field]);
    if (userId !== '' && userId !== LONG_USER) expect(await ordersOf(userId)).toEqual([]);
  });
});

describe('a wrong parameter is INVALID_ARGUMENT and names the field', () => {
  it.each([
    ['orderId', '/starcoffee/orders/1', {}],
    ['userId', '/starcoffee/orders', { userId: LONG_USER }],
    ['pageSize', '/starcoffee/orders', { pageSize: 101 }],
    ['pageToken', '/starcoffee/orders', { pageToken: 'x' }],
    ['paymentId', '/starcoffee/payments/1', {}],
    ['orderId', '/starcoffee/payments', { orderId: '1' }],
    ['makeId', '/starcoffee/makes/1', {}],
    ['orderId', '/starcoffee/makes', { orderId: '1' }],
    ['orderId', '/starcoffee/mypages/1', {}],
    ['userId', '/starcoffee/mypages', { userId: LONG_USER }],
  ])('%s of %s', async (field, path, query) => {
    expectInvalid(await failureOf(get(path, query)), field);
  });
});

describe('what does not exist is NOT_FOUND', () => {
  it.each([
    ['ORDER_NOT_FOUND', 'GET', `/starcoffee/orders/${NO_ID}`],
    ['ORDER_NOT_FOUND', 'POST', `/starcoffee/orders/${NO_ID}:cancel`],
    ['PAYMENT_NOT_FOUND', 'GET', `/starcoffee/payments/${NO_ID}`],
    ['PAYMENT_NOT_FOUND', 'POST', `/starcoffee/payments/${NO_ID}:cancel`],
    ['MAKE_NOT_FOUND', 'GET', `/starcoffee/makes/${NO_ID}`],
    ['MYPAGE_NOT_FOUND', 'GET', `/starcoffee/mypages/${NO_ID}`],
  ] as const)('%s: %s %s', async (reason, method, path) => {
    const failure = await failureOf(rest(method, path, method === 'POST' ? {} : undefined));
    expect(failure).toMatchObject({ code: 'NOT_FOUND', reason, domain: 'starcoffee.rentmesh', httpStatus: 404 });
  });
});

describe('a payment', () => {
  it('over the limit is declined, and nothing is stored', async () => {
    const coffee = coffeeOf({ price: 1_000_001 });
    expect(await failureOf(tryOrder(coffee))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PAYMENT_DECLINED', httpStatus: 400 });
    expect(await ordersOf(coffee.userId)).toEqual([]);
    expect(await listAll('/starcoffee/mypages', 'mypages', { userId: coffee.userId })).toEqual([]);
  });

  it('is approved by order only: the edge does not offer the method', async () => {
    const connection = channel(edge.address);
    try {
      const approve = client(connection, PaymentServiceService).approvePayment({ orderId: NO_ID, ...coffeeOf() });
      expect((await failureOf(approve)).code).toBe('UNIMPLEMENTED');
    } finally {
      connection.close();
    }
  });

  it('is approved once per order id, however often the call arrives', async () => {
    const connection = channel(podService('starcoffee/payment-1'));
    const { orderId, userId, menuId, price } = await order();
    try {
      const payment = client(connection, PaymentServiceService);
      const [one, other] = [
        await payment.approvePayment({ orderId, userId, menuId, price }),
        await payment.approvePayment({ orderId, userId, menuId, price }),
      ];
      expect(one).toEqual(other);
      const failure = await failureOf(payment.approvePayment({ orderId, userId, menuId, price: price + 1 }));
      expect(failure).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'PAYMENT_OF_OTHER_CONTENT' });
    } finally {
      connection.close();
    }
  });
});

it('an idempotency key gives one order to each user, and refuses other content', async () => {
  const [coffee, key] = [coffeeOf(), { 'idempotency-key': unique('key') }];
  const first = await tryOrder(coffee, key);
  expect((await tryOrder(coffee, key)).orderId).toBe(first.orderId);
  expect(await failureOf(tryOrder({ ...coffee, price: 1 }, key))).toMatchObject({
    code: 'ALREADY_EXISTS',
    reason: 'IDEMPOTENCY_KEY_REUSED',
    metadata: { orderId: first.orderId },
  });
  expect((await tryOrder({ ...coffee, userId: unique('user') }, key)).orderId).not.toBe(first.orderId);
  expect(await ordersOf(coffee.userId)).toHaveLength(1);
});

it('a watch sends the states of an order in the order of their ranks, up to the last', async () => {
  const { orderId } = await order();
  const end = new AbortController();
  const response = await fetch(`${edge.url}/starcoffee/mypages/${orderId}:watch`, { signal: end.signal });
  const statuses: string[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    statuses.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line).mypage.status));
    if (statuses.at(-1) === 'MADE') break;
  }
  end.abort();
  const ranks = ['REQUESTED', 'PAID', 'MAKING', 'MADE'];
  // An event of another service can change a row and not its status.
  const changes = statuses.filter((status, index) => status !== statuses[index - 1]);
  expect(changes).toEqual(ranks.filter((rank) => statuses.includes(rank)));
});
