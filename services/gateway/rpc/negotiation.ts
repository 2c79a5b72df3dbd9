/**
 * Whether a client takes a content coding (RFC 9110, 12.5.3). A client that says nothing takes none: what it gets is then readable for sure.
 *
 * @param header the accept-encoding header
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
 * Whether an if-none-match header names an entity tag (RFC 9110, 13.1.2: weak comparison).
 *
 * @param etag the tag of what would be sent
 */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const strong = etag.replace(/^W\//, '');
  return header.trim() === '*' || [...header.matchAll(/"[^"]*"/g)].some(([tag]) => tag === strong);
}
