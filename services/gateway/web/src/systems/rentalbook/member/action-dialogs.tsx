import { useState } from 'preact/hooks';
import type { Mypage } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { newAttempt } from '../../../api/attempt.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { desk, rentals } from '../clients.ts';

interface ActionDialogProps {
  readonly view: Mypage;
  readonly onClose: () => void;
}

/** Asks before a reserved book is rented. All calls of the dialog carry one idempotency key. */
export function RentDialog({ view: { bookId, bookNm, userNm }, onClose }: ActionDialogProps) {
  const [attempt] = useState(newAttempt);
  const rent = useCall(
    async (_: undefined) => await rentals.rentBook({ bookId, bookNm, userNm }, attempt),
    () => {
      announce('The rental is requested.');
      onClose();
    },
  );
  return (
    <ConfirmDialog title="Rent this book?" keep="Not now" act="Rent the book" busyAct="Requesting…" call={rent} onClose={onClose}>
      The library checks your reserve of {bookNm} a moment later. Then you have the book.
    </ConfirmDialog>
  );
}

/** Asks before a book is returned. */
export function ReturnDialog({ view: { bookNm, rentalId }, onClose }: ActionDialogProps) {
  const giveBack = useCall(
    // Returning again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await rentals.returnRental({ rentalId }),
    () => {
      announce('The book is returned.');
      onClose();
    },
  );
  return (
    <ConfirmDialog title="Return this book?" keep="Keep it" act="Return the book" busyAct="Returning…" call={giveBack} onClose={onClose}>
      {bookNm} goes back to the library, and the next member can rent it.
    </ConfirmDialog>
  );
}

/** Asks before a reserve is cancelled. */
export function CancelDialog({ view: { bookNm, reserveId }, onClose }: ActionDialogProps) {
  const cancel = useCall(
    // Cancelling again changes nothing, so it needs no idempotency-key.
    async (_: undefined) => await desk.cancelReserve({ reserveId }),
    () => {
      announce('The reserve is cancelled.');
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title="Cancel this reserve?"
      keep="Keep it"
      act="Cancel the reserve"
      busyAct="Cancelling…"
      kind="danger"
      call={cancel}
      onClose={onClose}
    >
      You cannot rent {bookNm} any more without a new reserve.
    </ConfirmDialog>
  );
}
