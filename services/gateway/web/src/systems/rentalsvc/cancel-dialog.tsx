import type { Order } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import { useCall } from '../../api/use-call.ts';
import { announce } from '../../shell/announce.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { orders } from './clients.ts';

/** Asks before a rental is cancelled. */
export function CancelDialog({ order, onClose, onCancelled }: { order: Order; onClose: () => void; onCancelled: (order: Order) => void }) {
  const cancel = useCall(
    // Cancelling again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await orders.cancelRental({ orderId: order.orderId }),
    (answer) => {
      announce('The rental is cancelled.');
      onCancelled(answer.order ?? order);
    },
  );
  return (
    <ConfirmDialog
      title="Cancel this rental?"
      keep="Keep it"
      act="Cancel the rental"
      busyAct="Cancelling…"
      kind="danger"
      call={cancel}
      onClose={onClose}
    >
      The fee is refunded, and the product is fetched back.
    </ConfirmDialog>
  );
}
