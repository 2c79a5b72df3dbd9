import type { Order } from '#proto/es/starcoffee/order/v1/order_pb.ts';
import { useCall } from '../../api/use-call.ts';
import { announce } from '../../shell/announce.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { orders } from './clients.ts';
import { coffeeName } from './menu.ts';

/** Asks before an order is cancelled. */
export function CancelDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const { orderId, menuId } = order;
  const cancel = useCall(
    // Cancelling again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await orders.cancelOrder({ orderId }),
    () => {
      announce('The order is being cancelled.');
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title="Cancel this order?"
      keep="Keep it"
      act="Cancel the order"
      busyAct="Cancelling…"
      kind="danger"
      call={cancel}
      onClose={onClose}
    >
      If the {coffeeName(menuId)} is not made yet, it will not be, and the money comes back. If it is made, the order stays.
    </ConfirmDialog>
  );
}
