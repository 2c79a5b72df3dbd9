import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Book } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { newAttempt } from '../../../api/attempt.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { keepPerson, person } from '../../../shell/person.ts';
import { CallForm } from '../../../ui/call-form.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { desk } from '../clients.ts';
import { at } from '../paths.ts';

/** Reserves one book. All calls of the dialog carry one idempotency key. */
export function ReserveDialog({ book, onClose }: { book: Book; onClose: () => void }) {
  const { bookId, bookNm } = book;
  const { route } = useLocation();
  const known = person.value;
  const [attempt] = useState(newAttempt);
  const reserve = useCall(
    // No signal: closing the dialog does not cancel the call. The reserve is found under My books.
    async ({ userNm = '' }: Readonly<Record<string, string>>) => {
      keepPerson({ userId: userNm, userName: known?.userId === userNm ? known.userName : '' });
      return await desk.reserveBook({ bookId, bookNm, userNm }, attempt);
    },
    ({ reserve }) => {
      announce(`${bookNm} is reserved.`);
      route(at(`mine/${reserve?.reserveId}`));
    },
  );
  return (
    <Dialog title={`Reserve ${bookNm}`} onClose={onClose}>
      <CallForm
        fields={[
          {
            name: 'userNm',
            label: 'Your member name',
            hint: 'There is no sign-in: any short text that you will know again',
            initial: known?.userId ?? '',
            required: true,
            maxLength: 100,
            pattern: '.*\\S.*',
          },
        ]}
        act="Reserve"
        busyAct="Reserving…"
        call={reserve}
        buttons={
          <button type="button" onClick={onClose}>
            {reserve.problem === undefined ? 'Cancel' : 'Close'}
          </button>
        }
      />
    </Dialog>
  );
}
