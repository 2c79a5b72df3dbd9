/** What the browser keeps under a name; undefined if there is nothing, or if it may keep nothing. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`rentmesh.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a text under a name, or forgets it; where storage is forbidden it holds until the page is left. */
export function keep(name: string, text: string | undefined): void {
  try {
    if (text === undefined) localStorage.removeItem(`rentmesh.${name}`);
    else localStorage.setItem(`rentmesh.${name}`, text);
  } catch {
    // The value in memory is all there is.
  }
}
