import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Order {
  readonly orderId: string;
  readonly status: string;
}

interface HasStatus {
  readonly status: string;
}

const ORDER = { userId: 'self-proof', menuId: 'americano', price: 4500 };

/**
 * Proves that Starcoffee works: an order is paid, made, completed and seen in mypage; cancelling it then is too late; an order
 * that is cancelled in time is not made, and its payment is refunded.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const coffee = new CoffeeProof(new Proof(url, 'starcoffee', report));
  const made = await coffee.order('order a coffee');
  await coffee.shows('its payment', 'payment', `/starcoffee/payments?orderId=${made}`, 'APPROVED');
  await coffee.shows('made by event', 'make', `/starcoffee/makes?orderId=${made}`, 'MADE');
  await coffee.shows('order completed', 'order', `/starcoffee/orders/${made}`, 'COMPLETED');
  await coffee.shows('shown in mypage', 'mypage', `/starcoffee/mypages/${made}`, 'MADE');
  await coffee.cancelTooLate(made);
  const cancelled = await coffee.order('order another');
  await coffee.cancel(cancelled);
  await coffee.shows('coffee cancelled', 'make', `/starcoffee/makes?orderId=${cancelled}`, 'CANCELLED');
  await coffee.shows('payment refunded', 'payment', `/starcoffee/payments?orderId=${cancelled}`, 'CANCELLED');
  await coffee.shows('order cancelled', 'order', `/starcoffee/orders/${cancelled}`, 'CANCELLED');
  await coffee.shows('mypage follows', 'mypage', `/starcoffee/mypages/${cancelled}`, 'REFUNDED');
}

class CoffeeProof {
  readonly #proof: Proof;

  constructor(proof: Proof) {
    this.#proof = proof;
  }

  /** Places an order. Returns its id. */
  async order(step: string): Promise<string> {
    const place = () => this.#proof.post<Order>('order', '/starcoffee/orders', ORDER);
    return (await this.#proof.step(step, place, ({ status }) => status)).orderId;
  }

  async cancel(orderId: string): Promise<void> {
    const cancel = () => this.#proof.post<Order>('order', `/starcoffee/orders/${orderId}:cancel`, {});
    await this.#proof.step('cancel it in time', cancel, ({ status }) => status);
  }

  async cancelTooLate(orderId: string): Promise<void> {
    const read = () => this.#proof.get<Order>('order', `/starcoffee/orders/${orderId}`);
    const cancel = async () => {
      await this.#proof.refused('order', `/starcoffee/orders/${orderId}:cancel`, {}, 'NOT_CANCELLABLE');
      const isExpected = ({ status }: Order) => status === 'COMPLETED';
      return await this.#proof.expect('order', { what: 'the order with status COMPLETED', get: read, isExpected });
    };
    await this.#proof.step('cancel it too late', cancel, ({ status }) => `refused, stays ${status}`);
  }

  /** Waits until a path answers with a status; of a list, until its first entry has the status. */
  async shows(step: string, service: string, path: string, status: string): Promise<void> {
    const get = async () => {
      const found = await this.#proof.find<HasStatus | Readonly<Record<string, readonly HasStatus[]>>>(service, path);
      if (found === undefined || isEntity(found)) return found;
      return Object.values(found)[0]?.[0];
    };
    const isExpected = (found: HasStatus | undefined) => found?.status === status;
    await this.#proof.step(
      step,
      () => this.#proof.until(service, { what: `${path} with status ${status}`, get, isExpected }),
      () => status,
    );
  }
}

function isEntity(found: HasStatus | Readonly<Record<string, readonly HasStatus[]>>): found is HasStatus {
  return typeof found.status === 'string';
}
