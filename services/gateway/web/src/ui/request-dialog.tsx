import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type Attempt, newAttempt } from '../api/attempt.ts';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { keepPerson, person } from '../shell/person.ts';
import { CallForm, type FormField } from './call-form.tsx';
import { Dialog } from './dialog.tsx';

interface RequestDialogProps<T> {
  readonly title: string;
  /** Shown above the fields. */
  readonly children?: ComponentChildren;
  /** The field of the request that names the user, and its label. */
  readonly user?: { readonly name: string; readonly label: string };
  /** The other fields. A field `userName` is the name of the user. */
  readonly fields?: readonly FormField[];
  readonly act: string;
  readonly busyAct: string;
  /** Makes the call with the values by name. */
  readonly call: (values: Readonly<Record<string, string>>, attempt: Attempt) => Promise<T>;
  /** Announced after the call. */
  readonly done: string;
  /** Name of the id of the entity in error details: `orderId`. */
  readonly idName: string;
  readonly idOf: (answer: T) => string | undefined;
  /** Address of the page of an entity. */
  readonly pathOf: (id: string) => string;
  /** Name of the link to the entity that an earlier attempt made. */
  readonly see: string;
  readonly onClose: () => void;
}

/**
 * Creates an entity for the user, and opens its page. All calls of the dialog carry one idempotency key. Closing the dialog does not cancel
 * the call: the entity is found in the list of the user.
 */
export function RequestDialog<T>(props: RequestDialogProps<T>) {
  const {
    title,
    children,
    user = { name: 'userId', label: 'Your user id' },
    fields = [],
    act,
    busyAct,
    done,
    idName,
    see,
    onClose,
  } = props;
  const { route } = useLocation();
  const known = person.value;
  const [attempt] = useState(newAttempt);
  const request = useCall(
    async (values: Readonly<Record<string, string>>) => {
      const userId = values[user.name] ?? '';
      keepPerson({ userId, userName: values.userName ?? (known?.userId === userId ? known.userName : '') });
      return await props.call(values, attempt);
    },
    (answer) => {
      announce(done);
      route(props.pathOf(props.idOf(answer) ?? ''));
    },
  );
  const userField: FormField = {
    ...user,
    hint: 'There is no sign-in: any short text that you will know again',
    initial: known?.userId ?? '',
    required: true,
    maxLength: 100,
    pattern: '.*\\S.*',
  };
  const earlier = request.problem?.about[idName];
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <CallForm
        fields={[userField, ...fields]}
        act={act}
        busyAct={busyAct}
        call={request}
        buttons={
          <button type="button" onClick={onClose}>
            {request.problem === undefined ? 'Cancel' : 'Close'}
          </button>
        }
        advice={
          earlier !== undefined && (
            <p>
              <a href={props.pathOf(earlier)}>{see}</a>
            </p>
          )
        }
      />
    </Dialog>
  );
}
