import type { ComponentChildren, VNode } from 'preact';
import type { Pages } from '../api/use-pages.ts';
import { More } from './more.tsx';

interface ListTableProps<T> {
  readonly pages: Pages<T>;
  readonly caption: string;
  /** Default: only screen readers read the caption. */
  readonly showsCaption?: boolean;
  /** Column names. On a narrow screen each cell shows its name from `data-label`. */
  readonly columns: readonly string[];
  readonly row: (item: T) => VNode;
  /** Shown if the list has no items. */
  readonly empty: ComponentChildren;
}

/** A table that grows page by page. */
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
