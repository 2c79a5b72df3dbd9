/**
 * Whether a client accepts a content coding (RFC 9110, 12.5.3). A client without the header accepts none.
 *
 * @param header accept-encoding
 */
export function acceptsCoding(header: string | undefined, coding: string): boolean {
  const weights = new Map(
    (header ?? '').split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
      const quality = parameters.find((each) => each.startsWith('q='))?.slice(2);
      return [name, quality === undefined ? 1 : Number(quality)];
    }),
  );
  return (weights.get(coding) ?? weights.get('*') ?? 0) > 0;
}

/**
 * Whether an if-none-match header matches an entity tag (RFC 9110, 13.1.2: weak comparison).
 */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const strong = etag.replace(/^W\//, '');
  return header.trim() === '*' || [...header.matchAll(/"[^"]*"/g)].some(([tag]) => tag === strong);
}
