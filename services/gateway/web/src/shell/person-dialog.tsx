import { useState } from 'preact/hooks';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { announce } from './announce.tsx';
import { keepPerson, person } from './person.ts';

/** Asks who sits at the screen. */
export function PersonDialog({ onClose }: { onClose: () => void }) {
  const known = person.value;
  const [userId, setUserId] = useState(known?.userId ?? '');
  const [userName, setUserName] = useState(known?.userName ?? '');
  const save = (event: Event) => {
    event.preventDefault();
    keepPerson({ userId: userId.trim(), userName: userName.trim() });
    announce(`You are ${userName.trim() || userId.trim()} now.`);
    onClose();
  };
  return (
    <Dialog title="Who are you?" onClose={onClose}>
      <form onSubmit={save}>
        <p class="quiet">
          There is no sign-in: nobody checks what you say here. Your browser remembers it, reservations are made under it, and whoever gives
          the same id sees them.
        </p>
        <Field
          label="User id"
          hint="Any short text, such as AAA"
          value={userId}
          onValue={setUserId}
          required
          maxLength={100}
          pattern=".*\S.*"
        />
        <Field
          label="Name"
          hint="As managers see it; may stay empty"
          value={userName}
          onValue={setUserName}
          maxLength={100}
          autocomplete="name"
        />
        <div class="actions">
          <button type="submit" class="primary">
            Save
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          {known !== undefined && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                keepPerson(undefined);
                onClose();
              }}
            >
              Forget me
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
