import { useState } from 'preact/hooks';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { announce } from './announce.tsx';
import { keepPerson, person } from './person.ts';

/** Asks for the id and name of the user. */
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
          There is no sign-in, and no password. Your browser remembers the id. Everybody with the same id sees the same data.
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
        <Field label="Name" hint="Optional, shown to staff" value={userName} onValue={setUserName} maxLength={100} autocomplete="name" />
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
