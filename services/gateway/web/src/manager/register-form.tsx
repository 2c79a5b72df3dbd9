import { useRef, useState } from 'preact/hooks';
import { newAttempt } from '../api/attempt.ts';
import { cars } from '../api/clients.ts';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { Field } from '../ui/field.tsx';
import { count } from '../ui/format.ts';
import { ProblemBox } from '../ui/problem-box.tsx';

/** Registers cars, one after the other. */
export function RegisterForm({ onRegistered }: { onRegistered: () => void }) {
  const [carName, setCarName] = useState('');
  const [qty, setQty] = useState('');
  // One attempt lasts until a car came of it: then the next begins.
  const attempt = useRef(newAttempt());
  const [last, setLast] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const register = useCall(
    async (wish: { carName: string; qty: number }, signal) => await cars.registerCar(wish, { ...attempt.current, signal }),
    ({ car }) => {
      attempt.current = newAttempt();
      const done = `${car?.carName} is registered, ${count(car?.qty ?? 0, 'car')} in stock.`;
      setLast(done);
      announce(done);
      setCarName('');
      setQty('');
      form.current?.querySelector('input')?.focus();
      onRegistered();
    },
  );
  const { problem } = register;
  const send = () => register.run({ carName: carName.trim(), qty: Number(qty) });
  return (
    <form
      ref={form}
      class="panel"
      aria-labelledby="register"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <h2 id="register">Register a car</h2>
      <div class="filters">
        <Field
          label="Name"
          value={carName}
          onValue={setCarName}
          error={problem?.fields.carName}
          required
          maxLength={100}
          pattern=".*\S.*"
          autocomplete="off"
        />
        <Field label="Quantity" type="number" min="0" max="1000000" value={qty} onValue={setQty} error={problem?.fields.qty} required />
        <ActionButton name="Register" busyName="Registering…" busy={register.busy} problem={problem} />
      </div>
      {problem !== undefined && <ProblemBox problem={problem} />}
      {problem === undefined && last !== '' && <p class="quiet">{last}</p>}
    </form>
  );
}
