import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Call } from '../api/use-call.ts';
import { ActionButton } from './action-button.tsx';
import { Field, type FieldProps } from './field.tsx';
import { ProblemBox } from './problem-box.tsx';

/** A field of a form. */
export interface FormField extends Omit<FieldProps, 'value' | 'onValue' | 'error'> {
  /** JSON name of the request field, which BadRequest details refer to. */
  readonly name: string;
  /** Default: empty. */
  readonly initial?: string;
}

interface CallFormProps {
  readonly fields: readonly FormField[];
  /** Name of the button, before and during the call. */
  readonly act: string;
  readonly busyAct: string;
  /** Gets the trimmed values by name. */
  readonly call: Call<Readonly<Record<string, string>>>;
  /** Shows the fields side by side. */
  readonly isInline?: boolean;
  /** More buttons. */
  readonly buttons?: ComponentChildren;
  /** Shown within the problem box. */
  readonly advice?: ComponentChildren;
}

/** A form that makes one call. Shows field errors from BadRequest details at their fields, and other errors above the buttons. */
export function CallForm({ fields, act, busyAct, call, isInline = false, buttons, advice }: CallFormProps) {
  const [values, setValues] = useState(() => Object.fromEntries(fields.map(({ name, initial = '' }) => [name, initial])));
  const { problem, busy } = call;
  const button = <ActionButton name={act} busyName={busyAct} busy={busy} problem={problem} />;
  const inputs = fields.map(({ name, initial: _, ...field }) => (
    <Field
      {...field}
      key={name}
      value={values[name] ?? ''}
      onValue={(value) => setValues((before) => ({ ...before, [name]: value }))}
      error={problem?.fields[name]}
    />
  ));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        call.run(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()])));
      }}
    >
      {isInline ? (
        <div class="filters">
          {inputs}
          {button}
        </div>
      ) : (
        inputs
      )}
      {problem !== undefined && <ProblemBox problem={problem}>{advice}</ProblemBox>}
      {!isInline && (
        <div class="actions">
          {button}
          {buttons}
        </div>
      )}
    </form>
  );
}
