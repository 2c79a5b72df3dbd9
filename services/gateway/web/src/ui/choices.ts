/** An enum value as an option of a filter. */
export interface Choice<Code> {
  /** Value in the address. Empty: no filter. */
  readonly value: string;
  readonly name: string;
  /** Value in the request. */
  readonly code: Code;
}

/**
 * Returns the options of a filter. The first is no filter.
 *
 * @param all value in the request for no filter
 */
export function choices<Code>(
  all: Code,
  named: Readonly<Record<string, readonly [Code, string]>>,
): readonly [Choice<Code>, ...Choice<Code>[]] {
  return [{ value: '', name: 'All', code: all }, ...Object.entries(named).map(([value, [code, name]]) => ({ value, name, code }))];
}

/** The options of a list that has no filter by status. */
export const noStatuses = choices(undefined, {});

/** Returns the option that an address names, or no filter. */
export function choiceOf<Code>(all: readonly [Choice<Code>, ...Choice<Code>[]], value: string | undefined): Choice<Code> {
  return all.find((each) => each.value === value) ?? all[0];
}
