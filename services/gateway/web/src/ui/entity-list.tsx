import type { ComponentChildren, VNode } from 'preact';
import { useLocation } from 'preact-iso';
import { type Page, type Pages, usePages } from '../api/use-pages.ts';
import { type Choice, choiceOf } from './choices.ts';
import { Empty } from './empty.tsx';
import { Filters } from './filters.tsx';
import type { IconShape } from './icon.tsx';
import { ListTable } from './list-table.tsx';

/** The filters of a list and the page to load. */
export interface ListRequest<C> {
  readonly pageToken: string;
  /** Text filters by name; empty for no filter. */
  readonly texts: Readonly<Record<string, string>>;
  readonly status: C;
}

interface EntityListProps<T, C> {
  /** The address of the page, which keeps the filters as its query. */
  readonly place: string;
  /** Names the entities, as `Orders`. */
  readonly caption: string;
  readonly icon: IconShape;
  /** Labels of text filters by name. */
  readonly texts: Readonly<Record<string, string>>;
  /** `noStatuses` for a list without a filter by status. */
  readonly statuses: readonly [Choice<C>, ...Choice<C>[]];
  readonly load: (request: ListRequest<C>, signal: AbortSignal) => Promise<Page<T>>;
  readonly columns: readonly string[];
  /** Shown above the filters, such as a form that adds an entity. `pages.reload` shows a new entity. */
  readonly above?: (pages: Pages<T>) => VNode;
  /** Renders one row. `pages.replace` shows a changed entity. */
  readonly row: (item: T, pages: Pages<T>) => VNode;
  /** Shown if there is no entity at all. */
  readonly empty: ComponentChildren;
  /** Title shown if no entity matches the filters. */
  readonly noMatch: string;
}

/** A table of entities with text filters, a filter by status where the list has one, and paging. */
export function EntityList<T, C>(props: EntityListProps<T, C>) {
  const { place, caption, icon, statuses, load, columns, row, empty, noMatch } = props;
  const { query } = useLocation();
  const texts = Object.entries(props.texts).map(([name, label]) => ({ name, label, value: query[name] ?? '' }));
  const status = choiceOf(statuses, query.status);
  const values = texts.map(({ value }) => value);
  const pages = usePages(
    (pageToken, signal) =>
      load({ pageToken, status: status.code, texts: Object.fromEntries(texts.map(({ name, value }) => [name, value])) }, signal),
    [...values, status],
  );
  const isFiltered = status.value !== '' || values.some((value) => value !== '');
  const nothing = (
    <Empty icon={icon} title={noMatch}>
      <p>Ids and names have to be whole. Take away a filter to see more.</p>
    </Empty>
  );
  return (
    <>
      {props.above?.(pages)}
      <Filters place={place} texts={texts} status={status.value} statuses={statuses} found={pages.items?.length} />
      <ListTable pages={pages} caption={caption} columns={columns} row={(item) => row(item, pages)} empty={isFiltered ? nothing : empty} />
    </>
  );
}
