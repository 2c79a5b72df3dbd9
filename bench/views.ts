import { type Collection, MongoClient } from 'mongodb';

/** How far a view has come: its row is there, or it shows a change of the rental (the first is the allocation) as well. */
export type ViewState = 'ROW' | 'ALLOCATED';

interface ViewDocument {
  readonly _id: string;
  readonly rental?: object;
}

/** Reads views in the store of mypage by their ids, past the service: one read costs one look-up by key for each id. */
export class Views {
  readonly #client: MongoClient;
  readonly #mypages: Collection<ViewDocument>;

  /** @param uri of the database of mypage */
  constructor(uri: string) {
    this.#client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000, maxPoolSize: 1 });
    this.#mypages = this.#client.db().collection<ViewDocument>('mypages');
  }

  /** States of the views that are there, by reservation id. */
  async states(reservationIds: readonly string[]): Promise<Map<string, ViewState>> {
    const found = this.#mypages.find({ _id: { $in: [...reservationIds] } }, { projection: { rental: 1 } });
    const documents = await found.toArray();
    return new Map(documents.map(({ _id, rental }) => [_id, rental === undefined ? 'ROW' : 'ALLOCATED']));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
