import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Inventory {
  readonly productId: string;
  readonly qty: number;
}

interface TotalView {
  readonly lastEvent: string;
  readonly events: readonly { readonly name: string }[];
}

/** At most so many units are rented by the proof. */
const QTY = 10;

const REQUESTED = ['RentalRequested', 'StockTaken', 'FeeReceived', 'DeliveryStarted'];
const CANCELLED = [...REQUESTED, 'RentalCancelled', 'FeeRefunded', 'RetrievalStarted'];
const SHORT = ['RentalRequested', 'FeeReceived', 'DeliveryStarted', 'InventoryStockShortage', 'FeeRefunded', 'RetrievalStarted'];

/**
 * Proves that the system works: a rental takes stock, its fee is received and its delivery starts; its cancellation undoes all of
 * it; a rental of more than the stock is cancelled by itself. Takes the product with the largest stock, and leaves the stock as before.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const rentals = new RentalProof(new Proof(url, 'rentalsvc', report));
  const { productId, qty: stock } = await rentals.product();
  if (stock > 0) {
    const qty = Math.min(QTY, stock);
    const rented = await rentals.request(`rent ${qty}`, productId, qty);
    await rentals.ordered('stock taken', rented, 'CONFIRMED');
    await rentals.inStock('stock lower', productId, stock - qty);
    await rentals.shows('fee and delivery', rented, REQUESTED);
    await rentals.cancel(rented);
    await rentals.shows('refund and retrieval', rented, CANCELLED);
    await rentals.inStock('stock given back', productId, stock);
  }
  const short = await rentals.request(`rent ${stock + QTY} of ${stock}`, productId, stock + QTY);
  await rentals.ordered('shortage', short, 'SHORT');
  await rentals.shows('refund and retrieval', short, SHORT);
  await rentals.inStock('stock unchanged', productId, stock);
}

class RentalProof {
  readonly #proof: Proof;

  constructor(proof: Proof) {
    this.#proof = proof;
  }

  /** Returns the product with the largest stock. */
  async product(): Promise<Inventory> {
    const read = async () => {
      const { inventories } = await this.#proof.get<{ inventories: readonly Inventory[] }>('inventory', '/rentalsvc/inventories');
      const largest = inventories.toSorted((one, other) => other.qty - one.qty)[0];
      return (
        largest ??
        this.#proof.expect('inventory', { what: 'a product', get: async () => ({ productId: '', qty: 0 }), isExpected: () => false })
      );
    };
    return await this.#proof.step('the products', read, ({ productId, qty }) => `${qty} of product ${productId}`);
  }

  /** Requests a rental. Returns the order's id. */
  async request(step: string, productId: string, qty: number): Promise<string> {
    const body = { userId: 'self-proof', productId, qty, amount: 10 };
    return (await this.#proof.change<{ orderId: string }>(step, 'order', '/rentalsvc/orders', body)).orderId;
  }

  async cancel(orderId: string): Promise<void> {
    await this.#proof.change('cancel it', 'order', `/rentalsvc/orders/${orderId}:cancel`);
  }

  /** Waits until the order has a status. */
  async ordered(step: string, orderId: string, status: string): Promise<void> {
    await this.#proof.waitForStatus(step, 'order', `/rentalsvc/orders/${orderId}`, status);
  }

  /** Waits until a product has a stock. */
  async inStock(step: string, productId: string, qty: number): Promise<void> {
    const get = () => this.#proof.get<Inventory>('inventory', `/rentalsvc/inventories/${encodeURIComponent(productId)}`);
    const isExpected = (inventory: Inventory) => inventory.qty === qty;
    await this.#proof.wait(step, 'inventory', { what: `a stock of ${qty}`, get, isExpected }, (inventory) => String(inventory.qty));
  }

  /** Waits until the view of an order has these events. */
  async shows(step: string, orderId: string, names: readonly string[]): Promise<void> {
    const get = () => this.#proof.find<TotalView>('totalview', `/rentalsvc/totalviews/${orderId}`);
    const isExpected = (view: TotalView | undefined) => view?.events.map(({ name }) => name).join() === names.join();
    const read = { what: `a view with ${names.join(', ')}`, get, isExpected };
    await this.#proof.wait(step, 'totalview', read, (view) => `${view?.events.length} events, last ${view?.lastEvent}`);
  }
}
