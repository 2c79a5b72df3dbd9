import type { Payment } from '#proto/es/starcoffee/payment/v1/payment_pb.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { payments } from '../clients.ts';
import { won } from '../menu.ts';

/** Asks before a payment is refunded. */
export function RefundDialog({
  payment,
  onClose,
  onRefunded,
}: {
  payment: Payment;
  onClose: () => void;
  onRefunded: (payment: Payment) => void;
}) {
  const { paymentId, price, userId } = payment;
  const refund = useCall(
    // Cancelling again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await payments.cancelPayment({ paymentId }),
    (answer) => {
      announce('The payment is refunded.');
      onRefunded(answer.payment ?? payment);
    },
  );
  return (
    <ConfirmDialog
      title="Refund this payment?"
      keep="Keep it"
      act="Refund"
      busyAct="Refunding…"
      kind="danger"
      call={refund}
      onClose={onClose}
    >
      {userId} gets {won(price)} back. A coffee that is not made is stopped, and its order is cancelled.
    </ConfirmDialog>
  );
}
