/** The candidate nearest to a mistyped word as `; did you mean "x"?`, or nothing if none is near. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far < least) [best, least] = [candidate, far];
  }
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

/** Returns the Levenshtein distance of two words. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [replace = 0, insert = 0, remove = 0] = [row[j - 1], next[j - 1], row[j]];
      next.push(Math.min(replace + (a[i - 1] === b[j - 1] ? 0 : 1), insert + 1, remove + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
