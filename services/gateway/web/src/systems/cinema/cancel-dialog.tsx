import type { Reservation } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { useCall } from '../../api/use-call.ts';
import { announce } from '../../shell/announce.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { reservations } from './clients.ts';
import { won } from './programme.ts';

/** Asks before a reservation is cancelled. */
export function CancelDialog({
  reservation,
  onClose,
  onCancelled,
}: {
  reservation: Reservation;
  onClose: () => void;
  onCancelled: (reservation: Reservation) => void;
}) {
  const { reservationId, cinemaNo, userId, price } = reservation;
  const cancel = useCall(
    // Cancelling again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await reservations.cancelReservation({ reservationId }),
    (answer) => {
      announce('The reservation is cancelled.');
      onCancelled(answer.reservation ?? reservation);
    },
  );
  return (
    <ConfirmDialog
      title="Cancel this reservation?"
      keep="Keep it"
      act="Cancel the reservation"
      busyAct="Cancelling…"
      kind="danger"
      call={cancel}
      onClose={onClose}
    >
      The ticket of {userId} for {cinemaNo} is given back, and {won(price)} are refunded.
    </ConfirmDialog>
  );
}
