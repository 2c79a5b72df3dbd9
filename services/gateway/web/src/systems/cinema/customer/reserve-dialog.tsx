import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { newAttempt } from '../../../api/attempt.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { keepPerson, person } from '../../../shell/person.ts';
import { CallForm } from '../../../ui/call-form.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { type Show, showTime, won } from '../programme.ts';

/** Reserves one ticket. All calls of the dialog carry one idempotency key. */
export function ReserveDialog({ show, onClose }: { show: Show; onClose: () => void }) {
  const { route } = useLocation();
  const known = person.value;
  const [attempt] = useState(newAttempt);
  const reserve = useCall(
    // No signal: closing the dialog does not cancel the call. The reservation is found under My tickets.
    async ({ userId = '' }: Readonly<Record<string, string>>) => {
      keepPerson({ userId, userName: known?.userId === userId ? known.userName : '' });
      return await reservations.reserveTicket({ ...show, userId }, attempt);
    },
    ({ reservation }) => {
      announce(`A ticket for ${show.cinemaNo} is requested.`);
      route(at(`reservations/${reservation?.reservationId}`));
    },
  );
  const { reservationId } = reserve.problem?.about ?? {};
  return (
    <Dialog title={`Reserve ${show.cinemaNo}`} onClose={onClose}>
      <p>
        {showTime(show.time)}, {won(show.price)}
      </p>
      <CallForm
        fields={[
          {
            name: 'userId',
            label: 'Your user id',
            hint: 'There is no sign-in: any short text that you will know again',
            initial: known?.userId ?? '',
            required: true,
            maxLength: 100,
            pattern: '.*\\S.*',
          },
        ]}
        act="Reserve and pay"
        busyAct="Paying…"
        call={reserve}
        buttons={
          <button type="button" onClick={onClose}>
            {reserve.problem === undefined ? 'Cancel' : 'Close'}
          </button>
        }
        advice={
          reservationId !== undefined && (
            <p>
              <a href={at(`reservations/${reservationId}`)}>See the reservation</a>
            </p>
          )
        }
      />
    </Dialog>
  );
}
