import type { Payment } from '#proto/es/starcoffee/payment/v1/payment_pb.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { payments } from '../clients.ts';
import { won } from '../menu.ts';

interface RefundDialogProps {
  readonly payment: Payment;
  readonly onClose: () => void;
  readonly onRefunded: (payment: Payment) => void;
}

/** Asks before a payment is refunded. */
export function RefundDialog({ payment, onClose, onRefunded }: RefundDialogProps) {
  const { paymentId, price, userId } = payment;
  return (
    <ConfirmDialog
      title="Refund this payment?"
      keep="Keep it"
      act="Refund"
      busyAct="Refunding…"
      kind="danger"
      // Cancelling again changes nothing, so it needs no idempotency-key.
      call={() => payments.cancelPayment({ paymentId })}
      done="The payment is refunded."
      onDone={(answer) => onRefunded(answer.payment ?? payment)}
      onClose={onClose}
    >
      {userId} gets {won(price)} back. A coffee that is not made is stopped, and its order is cancelled.
    </ConfirmDialog>
  );
}
