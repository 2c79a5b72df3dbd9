import type { Order } from '#proto/es/starcoffee/order/v1/order_pb.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { orders } from './clients.ts';
import { coffeeName } from './menu.ts';

/** Asks before an order is cancelled. */
export function CancelDialog({ order: { orderId, menuId }, onClose }: { order: Order; onClose: () => void }) {
  return (
    <ConfirmDialog
      title="Cancel this order?"
      keep="Keep it"
      act="Cancel the order"
      busyAct="Cancelling…"
      kind="danger"
      // Cancelling again changes nothing, so it needs no idempotency-key.
      call={() => orders.cancelOrder({ orderId })}
      done="The order is being cancelled."
      onDone={onClose}
      onClose={onClose}
    >
      If the {coffeeName(menuId)} is not made yet, it will not be, and the money comes back. If it is made, the order stays.
    </ConfirmDialog>
  );
}
