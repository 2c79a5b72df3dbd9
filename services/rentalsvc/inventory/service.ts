import type { Store } from '#kit/postgres/store.ts';
import { toWire } from '#kit/postgres/table.ts';
import { alreadyExists } from '#kit/rpc/errors.ts';
import { entityNotFound, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { add } from './domain.ts';
import { productTable } from './store.ts';

/** Answers the calls of rentalsvc.inventory.v1.InventoryService. */
export function inventoryService(products: Store<typeof productTable>): Handlers<typeof InventoryServiceService> {
  return {
    async addProduct(request) {
      const { productId, productName, qty } = request;
      const product = await products.add(productId, add(request));
      if (product.productName !== productName || product.initialQty !== qty) {
        throw alreadyExists('PRODUCT_EXISTS', `product ${productId} has another name or quantity`, { productId });
      }
      return { inventory: toWire(productTable, product) };
    },
    getInventory: async ({ productId }, context) => ({ inventory: await get(products, productId, context) }),
    listInventories: (request, context) => list(products, request, context),

    async checkInventory({ productId }) {
      const product = await products.find(productId);
      if (product === undefined) throw entityNotFound(productTable, productId);
      return { qty: product.qty };
    },
  };
}
