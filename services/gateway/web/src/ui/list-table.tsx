import type { ComponentChildren, VNode } from 'preact';
import type { Pages } from '../api/use-pages.ts';
import { More } from './more.tsx';

interface ListTableProps<T> {
  readonly pages: Pages<T>;
  readonly caption: string;
  /** Whether the caption is shown; where the title of the page says the same it is there for screen readers alone. */
  readonly showsCaption?: boolean;
  /** The names of the columns. On a narrow screen cells stand below each other, each with its name from `data-label`. */
  readonly columns: readonly string[];
  readonly row: (item: T) => VNode;
  /** What stands in the place of a list without items. */
  readonly empty: ComponentChildren;
}

/** A list as a table that grows page by page. */
export function ListTable<T>({ pages, caption, showsCaption = false, columns, row, empty }: ListTableProps<T>) {
  const { items, busy } = pages;
  return (
    <>
      {items !== undefined && items.length > 0 && (
        <table aria-busy={busy}>
          <caption class={showsCaption ? undefined : 'unseen'}>{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{items.map(row)}</tbody>
        </table>
      )}
      {items?.length === 0 && empty}
      <More pages={pages} />
    </>
  );
}
