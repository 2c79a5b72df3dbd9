/** The first digits of an id, with the whole id as a tooltip. */
export function ShortId({ id }: { id: string }) {
  return <code title={id}>{id.slice(0, 8)}…</code>;
}
