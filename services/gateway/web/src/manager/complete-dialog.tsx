import type { Rental } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { rentals } from '../api/clients.ts';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';

/** Asks before a use is completed: there is no way back. */
export function CompleteDialog({
  rental,
  onClose,
  onCompleted,
}: {
  rental: Rental;
  onClose: () => void;
  onCompleted: (rental: Rental) => void;
}) {
  const complete = useCall(
    // Completing again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await rentals.completeRental({ rentalId: rental.rentalId }),
    (answer) => {
      announce('The use is completed.');
      onCompleted(answer.rental ?? rental);
    },
  );
  return (
    <Dialog title="Is the car back?" onClose={onClose}>
      <p>The use of {rental.userId} is completed, and the car is in stock again. This cannot be undone.</p>
      {complete.problem !== undefined && <ProblemBox problem={complete.problem} />}
      <div class="actions">
        {/* First, so that it has the focus: what cannot be undone is not done by a key too much. */}
        <button type="button" onClick={onClose}>
          Not yet
        </button>
        <ActionButton
          name="Complete the use"
          busyName="Completing…"
          busy={complete.busy}
          problem={complete.problem}
          onAct={() => complete.run(undefined)}
        />
      </div>
    </Dialog>
  );
}
