import type { InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  /** What is wrong with the value, as the system says. */
  readonly error?: string | undefined;
  readonly type?: 'text' | 'search' | 'date' | 'number';
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly min?: string;
  readonly max?: string;
  readonly autocomplete?: 'name' | 'off';
}

/** An input with its label, a hint and what is wrong with it, tied together for those who do not see them together. */
export function Field({ label, value, onValue, hint, error, type = 'text', ...input }: FieldProps) {
  const id = useId();
  const notes = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].join(' ').trim();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        // Preact types an input by its one literal type; these attributes are those of each type that a field can have.
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
