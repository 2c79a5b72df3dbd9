/** One environment variable: how its text is read, and what holds where it is not set. Written out since zod takes 8 MiB of each process. */
export interface Setting<T> {
  /** What the text must be, such as `must be a whole number, 1 or more`. */
  readonly requirement: string;
  /** Returns the value of a text, or undefined if the text does not meet the requirement. */
  readonly parse: (text: string) => T | undefined;
  /** The value where the variable is not set. Without it the variable is required. */
  readonly unset?: { readonly value: T };
}

/** The values of settings. */
export type SettingValues<S extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/** Returns a setting that is undefined where the variable is not set. */
export function optional<T>({ requirement, parse }: Setting<T>): Setting<T | undefined> {
  return { requirement, parse, unset: { value: undefined } };
}

/** Returns a setting of text of a form; required without a default. */
export function text(requirement: string, form: RegExp, byDefault?: string): Setting<string> {
  const parse = (value: string) => (form.test(value) ? value : undefined);
  return { requirement, parse, ...(byDefault !== undefined && { unset: { value: byDefault } }) };
}

/** Returns a setting with one of several values. */
export function oneOf<const T extends string>(values: readonly T[], requirement: string, byDefault: NoInfer<T>): Setting<T> {
  return { requirement, parse: (value) => values.find((each) => each === value), unset: { value: byDefault } };
}

/** Returns a setting of a number that passes a test. */
export function number(requirement: string, isValid: (value: number) => boolean, byDefault: number): Setting<number> {
  const parse = (value: string) => (value.trim() !== '' && isValid(Number(value)) ? Number(value) : undefined);
  return { requirement, parse, unset: { value: byDefault } };
}

/** Returns a setting of seconds, not negative, fractions allowed. */
export function seconds(byDefault: number): Setting<number> {
  return number('must be a number of seconds, 0 or more', (value) => value >= 0 && value < Number.POSITIVE_INFINITY, byDefault);
}

/** Returns a setting of a whole number, 1 or more; `unit`: such as ` of bytes`. */
export function count(byDefault: number, unit = ''): Setting<number> {
  return number(`must be a whole number${unit}, 1 or more`, (value) => Number.isInteger(value) && value > 0, byDefault);
}
