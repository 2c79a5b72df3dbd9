import { count } from '../../ui/format.ts';
import { Status } from '../../ui/status.tsx';

/** How many of a car there are, in words. */
export function Stock({ qty }: { qty: number }) {
  if (qty === 0) return <Status tone="bad">Out of stock</Status>;
  if (qty === 1) return <Status tone="waiting">Last one</Status>;
  return <Status tone="good">{`${count(qty, 'car')} in stock`}</Status>;
}
