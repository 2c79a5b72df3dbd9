import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Car } from '#proto/es/rentcar/car/v1/car_pb.ts';
import { newAttempt } from '../api/attempt.ts';
import { reservations } from '../api/clients.ts';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { keepPerson, type Person, person } from '../shell/person.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { today } from '../ui/format.ts';
import { ProblemBox } from '../ui/problem-box.tsx';

interface Wish extends Person {
  readonly reservedDate: string;
}

/** Reserves one car; the dialog is one attempt, however often its button is pressed. */
export function ReserveDialog({ car, onClose }: { car: Car; onClose: () => void }) {
  const { route } = useLocation();
  const known = person.value;
  const [userId, setUserId] = useState(known?.userId ?? '');
  const [userName, setUserName] = useState(known?.userName ?? '');
  const [reservedDate, setReservedDate] = useState('');
  const [attempt] = useState(newAttempt);
  const reserve = useCall(
    // Not given up when the dialog closes: what was asked for may happen, and is then found under My reservations.
    async (wish: Wish) => await reservations.reserveCar({ carId: car.carId, ...wish }, attempt),
    ({ reservation }) => {
      announce(`${car.carName} is reserved.`);
      route(`/app/reservations/${reservation?.reservationId}`);
    },
  );
  const send = () => {
    const who = { userId: userId.trim(), userName: userName.trim() };
    keepPerson(who);
    reserve.run({ ...who, reservedDate });
  };
  const { problem } = reserve;
  return (
    <Dialog title={`Reserve ${car.carName}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Field
          label="Your user id"
          hint="There is no sign-in: any short text that you will know again"
          value={userId}
          onValue={setUserId}
          error={problem?.fields.userId}
          required
          maxLength={100}
          pattern=".*\S.*"
        />
        <Field
          label="Your name"
          hint="May stay empty"
          value={userName}
          onValue={setUserName}
          error={problem?.fields.userName}
          maxLength={100}
          autocomplete="name"
        />
        <Field
          label="Day"
          hint="May stay empty"
          type="date"
          min={today()}
          value={reservedDate}
          onValue={setReservedDate}
          error={problem?.fields.reservedDate}
        />
        {problem !== undefined && (
          <ProblemBox problem={problem}>
            {problem.about.reservationId !== undefined && (
              <p>
                <a href={`/app/reservations/${problem.about.reservationId}`}>See the reservation</a>
              </p>
            )}
          </ProblemBox>
        )}
        <div class="actions">
          <ActionButton name="Reserve" busyName="Reserving…" busy={reserve.busy} problem={problem} />
          <button type="button" onClick={onClose}>
            {problem === undefined ? 'Cancel' : 'Close'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
