import type { Inventory } from '#proto/es/rentalsvc/inventory/v1/inventory_pb.ts';
import { RequestDialog } from '../../../ui/request-dialog.tsx';
import { orders } from '../clients.ts';
import { at } from '../paths.ts';

/** The fee of one piece, in won. */
const FEE = 10_000;

/** Rents one product. */
export function RentDialog({ product: { productId, productName }, onClose }: { product: Inventory; onClose: () => void }) {
  return (
    <RequestDialog
      title={`Rent ${productName}`}
      fields={[
        {
          name: 'qty',
          label: 'Quantity',
          hint: 'At 10,000 won each. With more than the stock you see how a shortage is undone',
          type: 'number',
          initial: '1',
          min: '1',
          max: '10000',
          required: true,
        },
      ]}
      act="Rent"
      busyAct="Requesting…"
      call={({ userId = '', qty }, attempt) =>
        orders.requestRental({ userId, productId, qty: Number(qty), amount: FEE * Number(qty) }, attempt)
      }
      done={`${productName} is requested.`}
      idName="orderId"
      idOf={({ order }) => order?.orderId}
      pathOf={(id) => at(`orders/${id}`)}
      see="See the rental"
      onClose={onClose}
    />
  );
}
