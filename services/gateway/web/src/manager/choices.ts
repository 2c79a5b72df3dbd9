/** A value of an enum as a choice in a form and in an address. */
export interface Choice<Code> {
  /** As it stands in the address; empty for no filter. */
  readonly value: string;
  readonly name: string;
  /** As it stands in the request. */
  readonly code: Code;
}

/**
 * All choices of a filter, no filter first.
 *
 * @param all what stands in a request without a filter
 */
export function choices<Code>(
  all: Code,
  named: Readonly<Record<string, readonly [Code, string]>>,
): readonly [Choice<Code>, ...Choice<Code>[]] {
  return [{ value: '', name: 'All', code: all }, ...Object.entries(named).map(([value, [code, name]]) => ({ value, name, code }))];
}

/** The choice that an address names; no filter if it names none. */
export function choiceOf<Code>(all: readonly [Choice<Code>, ...Choice<Code>[]], value: string | undefined): Choice<Code> {
  return all.find((each) => each.value === value) ?? all[0];
}
