import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Car } from '#proto/es/rentcar/car/v1/car_pb.ts';
import { newAttempt } from '../../../api/attempt.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { keepPerson, person } from '../../../shell/person.ts';
import { CallForm } from '../../../ui/call-form.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { today } from '../../../ui/format.ts';
import { reservations } from '../clients.ts';
import { at } from '../paths.ts';

/** Reserves one car. All calls of the dialog carry one idempotency key. */
export function ReserveDialog({ car, onClose }: { car: Car; onClose: () => void }) {
  const { route } = useLocation();
  const known = person.value;
  const [attempt] = useState(newAttempt);
  const reserve = useCall(
    // No signal: closing the dialog does not cancel the call. The reservation is found under My reservations.
    async ({ userId = '', userName = '', reservedDate = '' }: Readonly<Record<string, string>>) => {
      keepPerson({ userId, userName });
      return await reservations.reserveCar({ carId: car.carId, userId, userName, reservedDate }, attempt);
    },
    ({ reservation }) => {
      announce(`${car.carName} is reserved.`);
      route(at(`reservations/${reservation?.reservationId}`));
    },
  );
  const { reservationId } = reserve.problem?.about ?? {};
  return (
    <Dialog title={`Reserve ${car.carName}`} onClose={onClose}>
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
          { name: 'userName', label: 'Your name', hint: 'Optional', initial: known?.userName ?? '', maxLength: 100, autocomplete: 'name' },
          { name: 'reservedDate', label: 'Day', hint: 'Optional', type: 'date', min: today() },
        ]}
        act="Reserve"
        busyAct="Reserving…"
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
