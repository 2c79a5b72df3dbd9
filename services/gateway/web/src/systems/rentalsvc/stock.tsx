import { count } from '../../ui/format.ts';
import { Status } from '../../ui/status.tsx';

/** How many of a product there are, in words. */
export function Stock({ qty }: { qty: number }) {
  if (qty === 0) return <Status tone="bad">None in stock</Status>;
  return <Status tone="good">{`${count(qty, 'piece')} in stock`}</Status>;
}
