import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { newAttempt } from '../api/attempt.ts';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { CallForm, type FormField } from './call-form.tsx';

interface CreateFormProps<T> {
  readonly title: string;
  readonly fields: readonly FormField[];
  readonly act: string;
  readonly busyAct: string;
  /** Makes the call. `options` carry the idempotency key of this creation. */
  readonly create: (
    values: Readonly<Record<string, string>>,
    options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ) => Promise<T>;
  /** Describes the created entity in a sentence, after the call. */
  readonly done: (created: T) => string;
}

/** A form that creates entities one after the other, each once. */
export function CreateForm<T>({ title, fields, act, busyAct, create, done }: CreateFormProps<T>) {
  const attempt = useRef(newAttempt());
  const form = useRef<HTMLElement>(null);
  const id = useId();
  const [created, setCreated] = useState({ count: 0, text: '' });
  const call = useCall(
    (values: Readonly<Record<string, string>>, signal) => create(values, { ...attempt.current, signal }),
    (output) => {
      attempt.current = newAttempt();
      const text = done(output);
      announce(text);
      setCreated(({ count }) => ({ count: count + 1, text }));
    },
  );
  useEffect(() => {
    if (created.count > 0) form.current?.querySelector('input')?.focus();
  }, [created]);
  return (
    <section ref={form} class="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {/* Another key empties the fields. */}
      <CallForm key={created.count} fields={fields} act={act} busyAct={busyAct} call={call} isInline />
      {call.problem === undefined && created.text !== '' && <p class="quiet">{created.text}</p>}
    </section>
  );
}
