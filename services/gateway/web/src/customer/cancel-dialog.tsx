import type { Reservation } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { reservations } from '../api/clients.ts';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';

/** Asks before a reservation is cancelled: there is no way back. */
export function CancelDialog({
  reservation,
  onClose,
  onCancelled,
}: {
  reservation: Reservation;
  onClose: () => void;
  onCancelled: (reservation: Reservation) => void;
}) {
  const { reservationId, carName, userName, userId } = reservation;
  const cancel = useCall(
    // Cancelling again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await reservations.cancelReservation({ reservationId }),
    (answer) => {
      announce('The reservation is cancelled.');
      onCancelled(answer.reservation ?? reservation);
    },
  );
  return (
    <Dialog title="Cancel this reservation?" onClose={onClose}>
      <p>
        {carName || 'The car'}, reserved for {userName || userId}, will be free for others. This cannot be undone.
      </p>
      {cancel.problem !== undefined && <ProblemBox problem={cancel.problem} />}
      <div class="actions">
        {/* First, so that it has the focus: what cannot be undone is not done by a key too much. */}
        <button type="button" onClick={onClose}>
          Keep it
        </button>
        <ActionButton
          name="Cancel the reservation"
          busyName="Cancelling…"
          busy={cancel.busy}
          problem={cancel.problem}
          kind="danger"
          onAct={() => cancel.run(undefined)}
        />
      </div>
    </Dialog>
  );
}
