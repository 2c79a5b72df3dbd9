import type { Order } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { orders } from './clients.ts';

/** Asks before a rental is cancelled. */
export function CancelDialog({ order: { orderId }, onClose }: { order: Order; onClose: () => void }) {
  return (
    <ConfirmDialog
      title="Cancel this rental?"
      keep="Keep it"
      act="Cancel the rental"
      busyAct="Cancelling…"
      kind="danger"
      // Cancelling again changes nothing, so it needs no idempotency-key.
      call={() => orders.cancelRental({ orderId })}
      done="The rental is cancelled."
      onDone={onClose}
      onClose={onClose}
    >
      The fee is refunded, and the product is fetched back.
    </ConfirmDialog>
  );
}
