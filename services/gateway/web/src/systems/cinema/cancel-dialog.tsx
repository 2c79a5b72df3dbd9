import type { Reservation } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { reservations } from './clients.ts';
import { won } from './programme.ts';

interface CancelDialogProps {
  readonly reservation: Reservation;
  readonly onClose: () => void;
  readonly onCancelled: (reservation: Reservation) => void;
}

/** Asks before a reservation is cancelled. */
export function CancelDialog({ reservation, onClose, onCancelled }: CancelDialogProps) {
  const { reservationId, cinemaNo, userId, price } = reservation;
  return (
    <ConfirmDialog
      title="Cancel this reservation?"
      keep="Keep it"
      act="Cancel the reservation"
      busyAct="Cancelling…"
      kind="danger"
      // Cancelling again changes nothing, so it needs no idempotency-key.
      call={() => reservations.cancelReservation({ reservationId })}
      done="The reservation is cancelled."
      onDone={(answer) => onCancelled(answer.reservation ?? reservation)}
      onClose={onClose}
    >
      The ticket of {userId} for {cinemaNo} is given back, and {won(price)} are refunded.
    </ConfirmDialog>
  );
}
