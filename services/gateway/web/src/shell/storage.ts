/** Reads a stored text. Undefined if there is none, or if storage is forbidden. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`rentmesh.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Stores or removes a text. Does nothing if storage is forbidden. */
export function keep(name: string, text: string | undefined): void {
  try {
    if (text === undefined) localStorage.removeItem(`rentmesh.${name}`);
    else localStorage.setItem(`rentmesh.${name}`, text);
  } catch {
    // The value lasts until the page closes.
  }
}
