/** Who sits at the screen, as he says himself: nothing checks it. */
export interface Person {
  readonly userId: string;
  /** May be empty. */
  readonly userName: string;
}

/** Reads what keepPerson wrote; undefined for anything else. */
export function parsePerson(text: string | undefined): Person | undefined {
  try {
    const { userId, userName }: Partial<Record<string, unknown>> = JSON.parse(text ?? '{}');
    return typeof userId === 'string' && userId !== '' && typeof userName === 'string' ? { userId, userName } : undefined;
  } catch {
    return undefined;
  }
}
