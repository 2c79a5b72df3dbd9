import type { Rental } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { rentals } from '../clients.ts';

/** Asks before a rental is completed. */
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
    <ConfirmDialog title="Is the car back?" keep="Not yet" act="Complete the use" busyAct="Completing…" call={complete} onClose={onClose}>
      The use of {rental.userId} is completed, and the car is in stock again.
    </ConfirmDialog>
  );
}
