import { RequestDialog } from '../../../ui/request-dialog.tsx';
import { orders } from '../clients.ts';
import { type MenuItem, won } from '../menu.ts';
import { at } from '../paths.ts';

/** Orders one coffee. */
export function OrderDialog({ item: { menuId, name, price }, onClose }: { item: MenuItem; onClose: () => void }) {
  return (
    <RequestDialog
      title={`Order ${name} for ${won(price)}`}
      act="Order and pay"
      busyAct="Paying…"
      call={({ userId = '' }, attempt) => orders.placeOrder({ userId, menuId, price }, attempt)}
      done={`${name} is ordered and paid.`}
      idName="orderId"
      idOf={({ order }) => order?.orderId}
      pathOf={(id) => at(`orders/${id}`)}
      see="See the order"
      onClose={onClose}
    />
  );
}
