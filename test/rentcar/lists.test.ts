import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { onDatabase } from '../support/database.ts';
import { each, range } from '../support/eventually.ts';
import { expectInvalid, failureOf } from '../support/failure.ts';
import { type Car, mypageBecomes, type Rental, type Reservation, registerCar, rentalBecomes, reserve, unique } from '../support/rentcar.ts';
import { listAll, pages, rest } from '../support/rest.ts';

/** Seven reservations of one user, of two cars, of which one each is cancelled and completed. */
interface World {
  readonly userId: string;
  readonly cars: readonly [Car, Car];
  readonly reservations: readonly Reservation[];
  readonly rentals: readonly Rental[];
  readonly cancelled: string;
  readonly completed: string;
}

async function makeWorld(): Promise<World> {
  const userId = unique('lister');
  const cars = [await registerCar(10), await registerCar(10)] as const;
  // One after the other, so that the order of the list is known.
  const reservations = await each(range(7), 1, (i) => reserve({ carId: (i < 4 ? cars[0] : cars[1]).carId, userId }));
  const rentals = await each(reservations, 7, ({ reservationId }) => rentalBecomes(reservationId, 'ALLOCATED'));
  const [cancelled, completed] = [at(reservations, 1).reservationId, at(reservations, 5).reservationId];
  await rest('POST', `/rentcar/reservations/${cancelled}:cancel`, {});
  await rest('POST', `/rentcar/rentals/${at(rentals, 5).rentalId}:complete`, {});
  await each(reservations, 7, ({ reservationId }) =>
    mypageBecomes(reservationId, statusIn({ cancelled, completed }, reservationId, 'ALLOCATED')),
  );
  await rentalBecomes(cancelled, 'CANCELLED');
  return { userId, cars, reservations, rentals, cancelled, completed };
}

function statusIn({ cancelled, completed }: Pick<World, 'cancelled' | 'completed'>, id: string, otherwise: string): string {
  return id === cancelled ? 'CANCELLED' : id === completed ? 'COMPLETED' : otherwise;
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no item ${index} of ${items.length}`);
  return item;
}

describe('lists', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });

  const idsOf = (items: readonly { reservationId: string }[]) => items.map(({ reservationId }) => reservationId);
  const all = () => idsOf(world.reservations);

  it('pages of reservations and rentals are full, in order of their making, and hold each once', async () => {
    for (const [path, member] of [
      ['/rentcar/reservations', 'reservations'],
      ['/rentcar/rentals', 'rentals'],
    ] as const) {
      const found = await pages<Reservation>(path, member, { user_id: world.userId }, 3);
      expect(found.flatMap(idsOf).toSorted(), path).toEqual(all().toSorted());
      expect(found.map(({ length }) => length).slice(0, 3), path).toEqual([3, 3, 1]);
      // As numbers: a time without a fraction is shorter, and sorts after others as a text.
      const times = found.flat().map(({ createTime }) => Date.parse(createTime));
      expect(times, path).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it('pages of mypage are full, in order of the reservation ids, and hold each once', async () => {
    const found = await pages<{ reservationId: string }>('/rentcar/mypages', 'mypages', { user_id: world.userId }, 3);
    expect(found.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(found.flatMap(idsOf)).toEqual(all().toSorted());
  });

  it('what is added while somebody turns pages appears at the end and displaces nothing', async () => {
    const carName = unique('PAGED');
    const before = await each(range(5), 1, () => registerCar(1, carName));
    const first = await rest<{ cars: Car[]; nextPageToken: string }>('GET', '/rentcar/cars', undefined, {
      query: { car_name: carName, page_size: 2 },
    });
    const added = await registerCar(1, carName);
    const others = await rest<{ cars: Car[] }>('GET', '/rentcar/cars', undefined, {
      query: { car_name: carName, page_size: 100, page_token: first.nextPageToken },
    });
    expect([...first.cars, ...others.cars]).toEqual([...before, added]);
  });

  it('what commits late between two pages is on a later page', async () => {
    const carName = unique('LATE');
    const lateId = randomUUID();
    const list = async (token: string) =>
      await rest<{ cars: Car[]; nextPageToken: string }>('GET', '/rentcar/cars', undefined, {
        query: { car_name: carName, page_size: 2, ...(token !== '' && { page_token: token }) },
      });
    const found: Car[] = [];
    let token = '';
    const registered = await onDatabase('rentcar_car', async (client) => {
      // Its transaction starts before the others and ends after them.
      await client.query('begin');
      await client.query(`insert into cars (car_id, car_name, qty, initial_qty, version) values ($1, $2, 1, 1, 1)`, [lateId, carName]);
      const others = await each(range(3), 1, () => registerCar(1, carName));
      const first = await list('');
      expect(first.nextPageToken, 'there is a next page').not.toBe('');
      found.push(...first.cars);
      token = first.nextPageToken;
      await client.query('commit');
      return others;
    });
    while (token !== '') {
      const page = await list(token);
      found.push(...page.cars);
      token = page.nextPageToken;
    }
    expect(found.map(({ carId }) => carId).toSorted()).toEqual([lateId, ...registered.map(({ carId }) => carId)].toSorted());
  });

  it('a page has 20 items where nothing is said, and a page size can be given under either name', async () => {
    const carName = unique('MANY');
    await each(range(22), 8, () => registerCar(1, carName));
    const page = async (query: Record<string, string | number>) =>
      await rest<{ cars: Car[]; nextPageToken: string }>('GET', '/rentcar/cars', undefined, { query: { car_name: carName, ...query } });
    expect((await page({})).cars).toHaveLength(20);
    expect((await page({ page_size: 21 })).cars).toHaveLength(21);
    expect((await page({ pageSize: 21 })).cars).toHaveLength(21);
    const last = await page({ pageSize: 21, pageToken: (await page({ page_size: 21 })).nextPageToken });
    expect(last).toEqual({ cars: [expect.objectContaining({ carName })], nextPageToken: '' });
  });

  it('a page token is refused by another list and with other filters', async () => {
    const { userId } = world;
    const { nextPageToken } = await rest<{ nextPageToken: string }>('GET', '/rentcar/reservations', undefined, {
      query: { user_id: userId, page_size: 2 },
    });
    const page = (path: string, query: Record<string, string>) =>
      rest('GET', path, undefined, { query: { ...query, page_size: 3, page_token: nextPageToken } });
    expect(await page('/rentcar/reservations', { user_id: userId })).toMatchObject({ reservations: { length: 3 } });
    expectInvalid(await failureOf(page('/rentcar/rentals', { user_id: userId })), 'pageToken');
    expectInvalid(await failureOf(page('/rentcar/cars', {})), 'pageToken');
    expectInvalid(await failureOf(page('/rentcar/mypages', { user_id: userId })), 'pageToken');
    expectInvalid(await failureOf(page('/rentcar/reservations', {})), 'pageToken');
    expectInvalid(await failureOf(page('/rentcar/reservations', { user_id: userId, status: 'RESERVED' })), 'pageToken');
  });

  it('an empty list is an empty page', async () => {
    expect(await rest('GET', '/rentcar/cars', undefined, { query: { car_name: unique('NOBODY') } })).toEqual({
      cars: [],
      nextPageToken: '',
    });
  });

  it('cars are filtered by name and by being in stock', async () => {
    const carName = unique('FILTERED');
    const full = await registerCar(1, carName);
    const empty = await registerCar(0, carName);
    expect(await listAll('/rentcar/cars', 'cars', { car_name: carName })).toEqual([full, empty]);
    expect(await listAll('/rentcar/cars', 'cars', { car_name: carName, in_stock: true })).toEqual([full]);
  });

  it('reservations are filtered by user, by car and by status', async () => {
    const { userId, cars } = world;
    const list = async (query: Record<string, string>) =>
      idsOf(await listAll<Reservation>('/rentcar/reservations', 'reservations', query)).toSorted();
    expect(await list({ user_id: userId })).toEqual(all().toSorted());
    expect(await list({ car_id: cars[1].carId })).toEqual(all().slice(4).toSorted());
    expect(await list({ user_id: userId, status: 'CANCELLED' })).toEqual([world.cancelled]);
    expect(await list({ user_id: userId, status: 'COMPLETED' })).toEqual([world.completed]);
    expect(await list({ user_id: userId, status: 'RESERVED', car_id: cars[0].carId })).toEqual(
      [0, 2, 3].map((i) => at(all(), i)).toSorted(),
    );
    expect(await list({ user_id: userId, status: 'REJECTED' })).toEqual([]);
  });

  it('rentals are filtered by reservation, by user and by status', async () => {
    const { userId, rentals } = world;
    const list = async (query: Record<string, string>) =>
      (await listAll<Rental>('/rentcar/rentals', 'rentals', query)).map(({ rentalId }) => rentalId).toSorted();
    expect(await list({ reservation_id: at(all(), 2) })).toEqual([at(rentals, 2).rentalId]);
    expect(await list({ user_id: userId })).toEqual(rentals.map(({ rentalId }) => rentalId).toSorted());
    expect(await list({ user_id: userId, status: 'CANCELLED' })).toEqual([at(rentals, 1).rentalId]);
    expect(await list({ user_id: userId, status: 'COMPLETED' })).toEqual([at(rentals, 5).rentalId]);
    expect(await list({ user_id: userId, status: 'ALLOCATED', reservation_id: at(all(), 1) })).toEqual([]);
  });

  it('rows of mypage are filtered by user and by status, each status holding what it shows', async () => {
    const { userId, cancelled, completed } = world;
    const list = async (query: Record<string, string>) =>
      idsOf(await listAll<Reservation>('/rentcar/mypages', 'mypages', { user_id: userId, ...query }));
    expect(await list({ status: 'CANCELLED' })).toEqual([cancelled]);
    expect(await list({ status: 'COMPLETED' })).toEqual([completed]);
    expect(await list({ status: 'ALLOCATED' })).toEqual(
      all()
        .filter((id) => id !== cancelled && id !== completed)
        .toSorted(),
    );
    expect(await list({ status: 'RESERVED' })).toEqual([]);
  });
});
