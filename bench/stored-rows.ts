import { type Document, MongoClient } from 'mongodb';
import pg from 'pg';
import type { MeasuredSystem } from './measured-system.ts';

/** Ids of three reservations that the services have stored: loaded rows are copies of theirs. */
export interface Templates {
  readonly carId: string;
  readonly reserved: string;
  readonly cancelled: string;
  readonly completed: string;
}

/** Rows are made in blocks of 10,000: 10 cars with 1,000 reservations each, and 100 users with 100 each. */
export const BLOCK = 10_000;
/** Stock of each car; 700 of its 1,000 reservations hold stock. */
const INITIAL_QTY = 1000;
const LIVE_HOLDS = 700;
/** Documents of an insertMany. */
const DOCUMENTS = 2000;

/** A UUID that follows from a text, with the bits of version 5 as the services check them. */
const uuidOf = (text: string) =>
  `(with h as (select md5(${text}) as m) select (substr(m, 1, 12) || '5' || substr(m, 13, 3) || '8' || substr(m, 16, 15))::uuid from h)`;

/** Columns of the row with number i. Reservations are 30 s apart from 2025 on; their ids sort by time, as UUIDv7 do. */
const TIME = `('2025-01-01T00:00:00Z'::timestamptz + i * interval '30 s')`;
const ID = `(lpad(to_hex((extract(epoch from ${TIME}) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8'
  || substr(md5(i::text), 4, 15))::uuid`;
const CAR = uuidOf(`'car ' || (i / ${BLOCK} * 10 + i % 10)`);
const USER = `'customer-' || (i / ${BLOCK} * 100 + i % 100)`;
/** Of ten reservations one is cancelled, two are completed, and seven are live. */
const TEMPLATE = `(case i / 100 % 10 when 0 then $1 when 1 then $2 when 2 then $2 else $3 end)::uuid`;

/** Stores copies of the templates' rows in all databases, with numbers from `from` to `to` (exclusive; multiples of BLOCK). */
export async function storeRows(system: MeasuredSystem, templates: Templates, from: number, to: number): Promise<void> {
  const { carId, reserved, cancelled, completed } = templates;
  const series = `generate_series(${from}, ${to - 1}) as i`;
  const values = [cancelled, completed, reserved];
  const row = { reservation_id: ID, car_id: CAR, user_id: USER, create_time: TIME, update_time: TIME };
  await onDatabase(system.postgresUri('rentcar/car'), async (client) => {
    const cars = `(select i, ${uuidOf(`'car ' || i`)} as id from generate_series(${from / 1000}, ${to / 1000 - 1}) as i) as cars`;
    const car = {
      car_id: 'id',
      car_name: `'CAR ' || i`,
      qty: String(INITIAL_QTY - LIVE_HOLDS),
      initial_qty: String(INITIAL_QTY),
      create_time: `('2025-01-01T00:00:00Z'::timestamptz + i * interval '1 s')`,
    };
    await copyRows(client, 'cars', 'car_id = $1::uuid', car, cars, [carId]);
    // Older than any lease: no row is asked about.
    const hold = { reservation_id: ID, car_id: CAR, take_time: TIME, ask_time: `'2100-01-01T00:00:00Z'::timestamptz` };
    await copyRows(client, 'holds', `reservation_id = ${TEMPLATE}`, hold, series, values);
  });
  await onDatabase(system.postgresUri('rentcar/reservation'), async (client) => {
    await copyRows(client, 'reservations', `reservation_id = ${TEMPLATE}`, row, series, values);
  });
  await onDatabase(system.postgresUri('rentcar/rental'), async (client) => {
    const rental = { ...row, rental_id: uuidOf(`'rental ' || i`) };
    await copyRows(client, 'rentals', `reservation_id = ${TEMPLATE}`, rental, series, values);
  });
  await storeViews(system, series, values);
}

/**
 * Inserts a copy of the table's row that `condition` names for each row of `from`, with some columns set to SQL expressions.
 * Columns that the table does not have are left out, and generated ones are not written.
 */
async function copyRows(
  client: pg.Client,
  table: string,
  condition: string,
  set: Readonly<Record<string, string>>,
  from: string,
  values: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  const names = rows.map(({ name }) => name);
  const expressions = names.map((name) => set[name] ?? `template.${name}`);
  await client.query(
    `insert into ${table} (${names.join(', ')}) select ${expressions.join(', ')} from ${from} join ${table} as template on template.${condition}`,
    [...values],
  );
  await client.query(`vacuum analyze ${table}`);
}

/** Stores a view for each reservation of the series: a copy of its template's. */
async function storeViews(system: MeasuredSystem, series: string, values: readonly string[]): Promise<void> {
  const client = new MongoClient(system.mongoUri('rentcar/mypage'));
  try {
    const mypages = client.db().collection<Document & { _id: string }>('mypages');
    const templates = new Map((await mypages.find({ _id: { $in: [...values] } }).toArray()).map((document) => [document._id, document]));
    const query = `select ${ID} as id, ${CAR} as "carId", ${USER} as "userId", ${TEMPLATE} as template from ${series}`;
    await onDatabase(system.postgresUri('rentcar/reservation'), async (database) => {
      const { rows } = await database.query<{ id: string; carId: string; userId: string; template: string }>(query, [...values]);
      for (let start = 0; start < rows.length; start += DOCUMENTS) {
        const documents = rows.slice(start, start + DOCUMENTS).map(({ id, carId, userId, template }) => {
          const document = templates.get(template);
          if (document === undefined) throw new Error(`there is no view of reservation ${template}`);
          return { ...document, _id: id, carId, userId };
        });
        await mypages.insertMany(documents, { ordered: false });
      }
    });
  } finally {
    await client.close();
  }
}

/** Returns the state of the hold of a reservation. */
export async function holdState(system: MeasuredSystem, reservationId: string): Promise<string | undefined> {
  return await onDatabase(system.postgresUri('rentcar/car'), async (client) => {
    const { rows } = await client.query<{ state: string }>('select state from holds where reservation_id = $1', [reservationId]);
    return rows[0]?.state;
  });
}

async function onDatabase<T>(uri: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
