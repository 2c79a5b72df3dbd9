import { type EventHandler, onBatchOf } from '../events/events.ts';
import { type CallContext, setEtag } from '../rpc/call.ts';
import { notFound } from '../rpc/errors.ts';
import { type ListRequest, pageOf } from '../rpc/pagination.ts';
import type { App } from '../runtime/app.ts';
import { fromResumeToken, toResumeToken } from './row.ts';
import { changeReader } from './row-changes.ts';
import { RowStore } from './row-store.ts';
import type { ProjectionSpec, Row, Shape } from './spec.ts';
import { Watches } from './watches.ts';

export { type EventRule, onEvent, type ProjectionSpec } from './spec.ts';

/** A view in MongoDB that follows events, with the answers of its get, list and watch methods. */
export class Projection<T extends Shape> {
  readonly #spec: ProjectionSpec<T>;
  readonly #store: RowStore<T>;
  readonly #watches: Watches<Row<T>>;

  constructor(spec: ProjectionSpec<T>, store: RowStore<T>) {
    this.#spec = spec;
    this.#store = store;
    this.#watches = new Watches(store);
  }

  /** Connects to the database, creates the indexes and consumes the events as `group`. */
  static async open<T extends Shape>(app: Pick<App, 'mongo' | 'consume'>, group: string, spec: ProjectionSpec<T>): Promise<Projection<T>> {
    const db = await app.mongo((database) => new RowStore(database, spec).createIndexes());
    const projection = new Projection(spec, new RowStore(db, spec));
    app.consume({ group, handlers: projection.handlers() });
    return projection;
  }

  /** Returns handlers that store the events and notify the watchers of this replica. */
  handlers(): EventHandler[] {
    const changesOf = changeReader(this.#spec);
    const types = this.#spec.events.map(({ type }) => type);
    return onBatchOf(types, async (events, _tx, envelopes) => {
      await this.#watches.changed(await this.#store.apply(changesOf(events, envelopes)));
    });
  }

  /**
   * Returns the view of a row, and sets the ETag of the answer.
   *
   * @throws RpcError NOT_FOUND if no event of the row has arrived
   */
  async get(key: string, context: CallContext): Promise<T['view']> {
    const row = await this.#store.find(key);
    if (row === undefined) {
      const { key: name, unknownReason } = this.#spec;
      throw notFound(unknownReason, `no event of ${name.replace(/Id$/, '')} ${key} has arrived yet`, { [name]: key });
    }
    setEtag(context, toResumeToken(row.progress));
    return this.#spec.toView(row);
  }

  /** Returns a page of views in the order of their keys, filtered by the fields of the request. */
  async list(request: ListRequest, context: CallContext): Promise<{ views: T['view'][]; nextPageToken: string }> {
    const page = pageOf(request, context, ['uuid']);
    const fields = new Map<string, unknown>(Object.entries(request));
    const values = Object.fromEntries(this.#spec.filters.map((name) => [name, fields.get(name)]));
    const rows = await this.#store.list({ values, after: page.after?.[0], limit: page.limit });
    return { views: rows.map((row) => this.#spec.toView(row)), nextPageToken: page.nextPageToken(rows, ({ key }) => [key]) };
  }

  /**
   * Returns the states of a view, each with its resume token, beginning after `resumeToken`. A row need not exist yet.
   * Ends with the errors of the store and the reason of the signal.
   */
  async *watch(key: string, resumeToken: string, signal: AbortSignal): AsyncGenerator<{ view: T['view']; resumeToken: string }> {
    for await (const row of this.#watches.states(key, fromResumeToken(resumeToken), signal)) {
      yield { view: this.#spec.toView(row), resumeToken: toResumeToken(row.progress) };
    }
  }
}
