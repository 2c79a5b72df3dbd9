/** The user, without authentication. */
export interface Person {
  readonly userId: string;
  /** May be empty. */
  readonly userName: string;
}

/** Parses the text of keepPerson. Returns undefined for other text. */
export function parsePerson(text: string | undefined): Person | undefined {
  try {
    const { userId, userName }: Partial<Record<string, unknown>> = JSON.parse(text ?? '{}');
    return typeof userId === 'string' && userId !== '' && typeof userName === 'string' ? { userId, userName } : undefined;
  } catch {
    return undefined;
  }
}
