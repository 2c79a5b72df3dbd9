import type { InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  /** The error of this field from BadRequest details. */
  readonly error?: string | undefined;
  readonly type?: 'text' | 'search' | 'date' | 'number';
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly min?: string;
  readonly max?: string;
  readonly autocomplete?: 'name' | 'off';
}

/** An input with label, hint and error, linked for screen readers. */
export function Field({ label, value, onValue, hint, error, type = 'text', ...input }: FieldProps) {
  const id = useId();
  const notes = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].join(' ').trim();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        // Preact types each input type separately. These attributes fit all types of FieldProps.
        {...({ ...input, type } as InputHTMLAttributes)}
        id={id}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        aria-describedby={notes === '' ? undefined : notes}
        aria-invalid={error === undefined ? undefined : true}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} class="wrong">
          {error}
        </p>
      )}
    </div>
  );
}
