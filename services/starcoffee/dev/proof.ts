import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Order {
  readonly orderId: string;
  readonly status: string;
}

const ORDERS = '/starcoffee/orders';
const ORDER = { userId: 'self-proof', menuId: 'americano', price: 4500 };

/**
 * Proves that Starcoffee works: an order is paid, made, completed and seen in mypage; cancelling it then is too late; an order
 * that is cancelled in time is not made, and its payment is refunded.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const proof = new Proof(url, 'starcoffee', report);
  const { orderId: made } = await proof.change<Order>('order a coffee', 'order', ORDERS, ORDER);
  await proof.waitForStatus('its payment', 'payment', `/starcoffee/payments?orderId=${made}`, 'APPROVED');
  await proof.waitForStatus('made by event', 'make', `/starcoffee/makes?orderId=${made}`, 'MADE');
  await proof.waitForStatus('order completed', 'order', `${ORDERS}/${made}`, 'COMPLETED');
  await proof.waitForStatus('shown in mypage', 'mypage', `/starcoffee/mypages/${made}`, 'MADE');
  await cancelTooLate(proof, made);
  const { orderId: cancelled } = await proof.change<Order>('order another', 'order', ORDERS, ORDER);
  await proof.change('cancel it in time', 'order', `${ORDERS}/${cancelled}:cancel`);
  await proof.waitForStatus('coffee cancelled', 'make', `/starcoffee/makes?orderId=${cancelled}`, 'CANCELLED');
  await proof.waitForStatus('payment refunded', 'payment', `/starcoffee/payments?orderId=${cancelled}`, 'CANCELLED');
  await proof.waitForStatus('order cancelled', 'order', `${ORDERS}/${cancelled}`, 'CANCELLED');
  await proof.waitForStatus('mypage follows', 'mypage', `/starcoffee/mypages/${cancelled}`, 'REFUNDED');
}

async function cancelTooLate(proof: Proof, orderId: string): Promise<void> {
  const cancel = async () => {
    await proof.refused('order', `${ORDERS}/${orderId}:cancel`, {}, 'NOT_CANCELLABLE');
    const get = () => proof.get<Order>('order', `${ORDERS}/${orderId}`);
    const isExpected = ({ status }: Order) => status === 'COMPLETED';
    return await proof.expect('order', { what: 'the order with status COMPLETED', get, isExpected });
  };
  await proof.step('cancel it too late', cancel, ({ status }) => `refused, stays ${status}`);
}
