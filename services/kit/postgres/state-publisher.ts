import { appendEvent } from '../events/events.ts';
import type { Database } from './database.ts';
import { idOf } from './rows.ts';
import type { AnyTable, Events, Row } from './table.ts';

/**
 * Publishes the newest state of rows that change often: one event per row and publication, whatever the number of changes.
 * The table has the column `published_version bigint`, whose default is 1 if the first version has an event of its own.
 */
export class StatePublisher<T extends AnyTable> {
  readonly #database: Database;
  readonly #table: T;
  readonly #event: Events[string];
  /** The rows that this process has changed since their last publication. */
  #changed = new Set<string>();

  /** `event`: one of the table's events. The fields of a row are its content. */
  constructor(database: Database, table: T, event: keyof T['events'] & string) {
    const type = table.events[event];
    if (type === undefined) throw new Error(`the table ${table.name} declares no event ${event}`);
    this.#database = database;
    this.#table = table;
    this.#event = type;
  }

  /** Notes that this process changes rows, so that the next publication has them. */
  noteChange(ids: readonly string[]): void {
    for (const id of ids) this.#changed.add(id);
  }

  /** Publishes the rows whose change this process has noted. */
  async publish(): Promise<void> {
    const ids = [...this.#changed];
    if (ids.length === 0) return;
    this.#changed = new Set();
    try {
      const published = new Set(await this.#publish(ids));
      // A row that is locked at this moment is published the next time.
      this.noteChange(ids.filter((id) => !published.has(id)));
    } catch (error) {
      this.noteChange(ids);
      throw error;
    }
  }

  /** Publishes all rows that any process has changed and not published, such as one that has ended. */
  async publishAll(): Promise<void> {
    await this.#publish(undefined);
  }

  /** Publishes the changed rows among these ids, or all. Returns the ids of the published rows. */
  async #publish(among: readonly string[] | undefined): Promise<string[]> {
    const { name, statements } = this.#table;
    const { id, columns } = statements;
    const condition = among === undefined ? 'true' : `${id} = any($1)`;
    return await this.#database.transaction(async (tx) => {
      const rows = await tx.query<Row<T>>(
        `with changed as (
           select ${id} from ${name} where ${condition} and published_version <> version order by ${id} for update skip locked)
         update ${name} set published_version = version where ${id} in (select ${id} from changed) returning ${columns}`,
        among === undefined ? [] : [among],
      );
      const ids = rows.map((row) => idOf(this.#table, row));
      for (const [index, row] of rows.entries()) appendEvent(tx, this.#event, ids[index] ?? '', row);
      return ids;
    });
  }
}
