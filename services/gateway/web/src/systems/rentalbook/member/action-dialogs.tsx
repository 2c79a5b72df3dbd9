import { useState } from 'preact/hooks';
import type { Mypage } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { newAttempt } from '../../../api/attempt.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { desk, rentals } from '../clients.ts';

interface ActionDialogProps {
  readonly view: Mypage;
  readonly onClose: () => void;
}

/** Asks before a reserved book is rented. All calls of the dialog carry one idempotency key. */
export function RentDialog({ view: { bookId, bookNm, userNm }, onClose }: ActionDialogProps) {
  const [attempt] = useState(newAttempt);
  return (
    <ConfirmDialog
      title="Rent this book?"
      keep="Not now"
      act="Rent the book"
      busyAct="Requesting…"
      call={() => rentals.rentBook({ bookId, bookNm, userNm }, attempt)}
      done="The rental is requested."
      onDone={onClose}
      onClose={onClose}
    >
      The library checks your reserve of {bookNm} a moment later. Then you have the book.
    </ConfirmDialog>
  );
}

/** Asks before a book is returned. */
export function ReturnDialog({ view: { bookNm, rentalId }, onClose }: ActionDialogProps) {
  return (
    <ConfirmDialog
      title="Return this book?"
      keep="Keep it"
      act="Return the book"
      busyAct="Returning…"
      // Returning again changes nothing, so it needs no idempotency-key.
      call={() => rentals.returnRental({ rentalId })}
      done="The book is returned."
      onDone={onClose}
      onClose={onClose}
    >
      {bookNm} goes back to the library, and the next member can rent it.
    </ConfirmDialog>
  );
}

/** Asks before a reserve is cancelled. */
export function CancelDialog({ view: { bookNm, reserveId }, onClose }: ActionDialogProps) {
  return (
    <ConfirmDialog
      title="Cancel this reserve?"
      keep="Keep it"
      act="Cancel the reserve"
      busyAct="Cancelling…"
      kind="danger"
      // Cancelling again changes nothing, so it needs no idempotency-key.
      call={() => desk.cancelReserve({ reserveId })}
      done="The reserve is cancelled."
      onDone={onClose}
      onClose={onClose}
    >
      You cannot rent {bookNm} any more without a new reserve.
    </ConfirmDialog>
  );
}
