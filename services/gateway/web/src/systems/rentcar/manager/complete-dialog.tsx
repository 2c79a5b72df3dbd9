import type { Rental } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { rentals } from '../clients.ts';

interface CompleteDialogProps {
  readonly rental: Rental;
  readonly onClose: () => void;
  readonly onCompleted: (rental: Rental) => void;
}

/** Asks before a rental is completed. */
export function CompleteDialog({ rental, onClose, onCompleted }: CompleteDialogProps) {
  const { rentalId, userId } = rental;
  return (
    <ConfirmDialog
      title="Is the car back?"
      keep="Not yet"
      act="Complete the use"
      busyAct="Completing…"
      // Completing again changes nothing, so it needs no idempotency-key.
      call={() => rentals.completeRental({ rentalId })}
      done="The use is completed."
      onDone={(answer) => onCompleted(answer.rental ?? rental)}
      onClose={onClose}
    >
      The use of {userId} is completed, and the car is in stock again.
    </ConfirmDialog>
  );
}
