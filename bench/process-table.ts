import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';

/** A table of one figure by process: a column for each system, the largest of the last system first, and the sums. */
export function tableByProcess<System extends { readonly name: string }>(
  systems: readonly System[],
  title: string,
  of: (system: System) => ReadonlyMap<string, number>[],
  digits: number,
): string {
  const columns = systems.map((system) => {
    const maps = of(system);
    const names = new Set(maps.flatMap((map) => [...map.keys()]));
    return new Map(
      [...names].map((name) => [
        name,
        quantile(
          maps.map((map) => map.get(name) ?? 0),
          0.5,
        ),
      ]),
    );
  });
  const sums = columns.map((column) => [...column.values()].reduce((total, each) => total + each, 0));
  const last = columns.at(-1) ?? new Map<string, number>();
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => (last.get(b) ?? 0) - (last.get(a) ?? 0));
  const share = (value: number) => `${((100 * value) / (sums.at(-1) ?? Number.NaN)).toFixed(0)} %`;
  const line = (name: string, values: readonly number[]) => [
    name,
    ...values.map((value) => value.toFixed(digits)),
    share(values.at(-1) ?? Number.NaN),
  ];
  const head = ['process', ...systems.map(({ name }) => `${name} ${title}`), 'share'];
  return table(head, [
    ...names.map((name) =>
      line(
        name,
        columns.map((column) => column.get(name) ?? 0),
      ),
    ),
    line('sum', sums),
  ]);
}
