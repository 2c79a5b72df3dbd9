import { randomUUID } from 'node:crypto';
import { ConfigResourceTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved } from '#proto/rentcar/reservation/v1/events.ts';
import { command } from '../support/command.ts';
import { onDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { administer, consumed, event, type Seen, Tap, TOPICS, type Written, write } from '../support/kafka.ts';
import { mypageBecomes, qtyBecomes, registerCar, rentalBecomes, reservationOf, reserve, unique } from '../support/rentcar.ts';
import { rest } from '../support/rest.ts';

const GROUPS = ['rentcar.mypage', 'rentcar.rental'];

let tap: Tap;
beforeAll(async () => {
  tap = await Tap.open([...TOPICS, ...TOPICS.map((topic) => `${topic}.dlq`)]);
});
afterAll(() => tap.close());

/** The dead letters that a record became, one for each group that could not apply it. */
async function lettersOf({ topic, partition, offset }: Written, groups: readonly string[]): Promise<Seen[]> {
  return await eventually(`${topic}[${partition}]@${offset} is put aside by ${groups.join(', ')}`, () => {
    const letters = tap.records.filter(
      ({ topic: at, headers }) =>
        at === `${topic}.dlq` &&
        headers['dlq-topic'] === topic &&
        headers['dlq-partition'] === String(partition) &&
        headers['dlq-offset'] === offset,
    );
    expect(letters.map(({ headers }) => headers['dlq-group']).toSorted()).toEqual([...groups].toSorted());
    return letters;
  });
}

describe('an event that can never be applied', () => {
  it('goes to the dead-letter topic as it was, with the reason and where it came from, and does not block its partition', async () => {
    const { carId } = await registerCar(3);
    const { reservationId } = await reserve({ carId });
    await rentalBecomes(reservationId, 'ALLOCATED');
    const { partition } = await tap.event(CarReserved, reservationId);

    const poison = { ...event(CarReserved, reservationId, CarReserved.fromPartial({})), value: Buffer.from([0x0a, 0x7f, 0x01]), partition };
    const written = await write(poison);
    // What follows in the same partition is applied.
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    await rentalBecomes(reservationId, 'CANCELLED');
    await mypageBecomes(reservationId, 'CANCELLED');
    await qtyBecomes(carId, 3);

    for (const letter of await lettersOf(written, GROUPS)) {
      expect(letter).toMatchObject({ key: reservationId, value: poison.value });
      expect(letter.headers).toEqual({
        ...poison.headers,
        'dlq-reason': expect.stringMatching(/\w+/),
        'dlq-group': expect.stringMatching(/^rentcar\./),
        'dlq-topic': 'rentcar.reservation.v1',
        'dlq-partition': String(partition),
        'dlq-offset': written.offset,
        'dlq-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
    }
  });

  it('is put aside, too, when it has no value or no id', async () => {
    const { carId } = await registerCar(3);
    const { reservationId } = await reserve({ carId });
    const { partition } = await tap.event(CarReserved, reservationId);
    const good = event(CarReserved, reservationId, CarReserved.fromPartial({ reservationId, carId, userId: 'x', version: 1 }));
    const { ce_id: _, ...withoutId } = good.headers;
    await lettersOf(await write({ ...good, headers: withoutId, partition }), GROUPS);
    await lettersOf(await write({ ...good, headers: { ...good.headers, ce_id: 'no uuid' }, partition }), GROUPS);
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    await mypageBecomes(reservationId, 'CANCELLED');
  });

  it('is dead-lettered by every group: without the id of its reservation or car, or with U+0000 in a text', async () => {
    const valid = { reservationId: randomUUID(), carId: randomUUID(), userId: 'x', reservedDate: '2026-12-24', version: 1 };
    const events = [
      { ...valid, reservationId: '' },
      { ...valid, carId: '' },
      { ...valid, carName: 'a\0b' },
    ];
    for (const content of events) {
      await lettersOf(await write(event(CarReserved, valid.reservationId, CarReserved.fromPartial(content))), GROUPS);
    }
    await expect(rest('GET', `/rentcar/mypages/${valid.reservationId}`)).rejects.toMatchObject({ httpStatus: 404 });
  });

  it('is listed and replayed once by npm run dlq, and applied if what was wrong is healed', async () => {
    const [reservationId, carId, userId] = [randomUUID(), randomUUID(), unique('user')];
    const early = event(UseCompleted, randomUUID(), { rentalId: randomUUID(), reservationId, carId, userId, version: 2 });
    const [letter] = await lettersOf(await write(early), ['rentcar.reservation']);
    expect(letter?.headers['dlq-reason']).toContain(reservationId);

    const listed = await command('dlq', 'list');
    expect(listed).toMatchObject({ code: 0 });
    for (const text of ['rentcar.rental.v1', 'rentcar.reservation', letter?.headers['dlq-reason']]) expect(listed.output).toContain(text);

    // What a backup that was older than the event would have lost.
    await onDatabase('rentcar_reservation', (client) =>
      client.query(
        `insert into reservations (reservation_id, car_id, car_name, user_id, user_name, reserved_date, status, version)
         values ($1, $2, 'SONATA', $3, '', '', 'RESERVED', 1)`,
        [reservationId, carId, userId],
      ),
    );
    expect(await reservationOf(reservationId)).toMatchObject({ status: 'RESERVED' });
    const replayed = await command('dlq', 'replay');
    expect(replayed, replayed.output).toMatchObject({ code: 0 });
    await eventually('the replayed event is applied', async () =>
      expect(await reservationOf(reservationId)).toMatchObject({ status: 'COMPLETED' }),
    );
    const copies = () => tap.records.filter(({ topic, headers }) => topic === early.topic && headers.ce_id === early.headers.ce_id);
    await eventually('the replayed event is back on its topic', () => expect(copies()).toHaveLength(2));
    for (const copy of copies()) expect(copy.headers).toEqual(early.headers);

    const second = await command('dlq', 'replay');
    expect(second).toMatchObject({ code: 0 });
    const after = await command('dlq', 'list');
    expect(after.output, 'what was replayed is not listed any more').not.toContain(letter?.headers['dlq-reason']);
    // A record written now lies behind whatever the second replay has written to its partition.
    const { key: rentalId } = early;
    const behind = await write({ ...early, key: rentalId, headers: { ...early.headers, ce_id: randomUUID() } });
    await consumed(['rentcar.reservation'], behind);
    await eventually('the record behind is seen', () =>
      expect(
        tap.records.some(
          ({ offset, partition, topic }) => topic === behind.topic && partition === behind.partition && offset === behind.offset,
        ),
      ).toBe(true),
    );
    expect(copies(), 'nothing is replayed twice').toHaveLength(2);

    // It has no rental, which no other test expects.
    await onDatabase('rentcar_reservation', (client) =>
      client.query('delete from reservations where reservation_id = $1', [reservationId]),
    );
  });

  it('is kept until it is replayed, and comes back byte by byte', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    const poison = event(CarReserved, randomUUID(), CarReserved.fromPartial({}));
    const headers = { ...poison.headers, bytes, tag: ['a', 'b'] };
    const written = await write({ ...poison, value: bytes, headers });
    await lettersOf(written, GROUPS);

    const configs = await administer((admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: `${poison.topic}.dlq`, configNames: ['retention.ms', 'retention.bytes'] }],
      }),
    );
    expect(configs.resources.flatMap(({ configEntries }) => configEntries.map(({ configValue }) => configValue))).toEqual(['-1', '-1']);

    expect(await command('dlq', 'replay')).toMatchObject({ code: 0 });
    const back = await eventually('it is back on its topic', () => {
      const copies = tap.records.filter((seen) => seen.topic === poison.topic && seen.headers.ce_id === poison.headers.ce_id);
      expect(copies).toHaveLength(2);
      return copies[1] as Seen;
    });
    expect(back).toMatchObject({ key: poison.key, value: bytes });
    expect(back.rawHeaders).toEqual({
      ...Object.fromEntries(Object.entries(poison.headers).map(([name, value]) => [name, Buffer.from(value)])),
      bytes,
      tag: [Buffer.from('a'), Buffer.from('b')],
    });
    // So that the next test replays nothing of this one.
    await lettersOf(back, GROUPS);
    const deadLetters = tap.records.filter(({ headers, topic }) => topic.endsWith('.dlq') && headers.ce_id === poison.headers.ce_id);
    const [replayed] = deadLetters.toSorted((a, b) => Number(a.offset) - Number(b.offset));
    const lows = await administer((admin) => admin.fetchTopicOffsets(`${poison.topic}.dlq`));
    const low = lows.find(({ partition }) => partition === replayed?.partition)?.low;
    expect(Number(low), 'what was replayed is deleted').toBeGreaterThan(Number(replayed?.offset));
  });

  it('that is still wrong when it is replayed is put aside again, once by every group', async () => {
    const poison = { ...event(CarReserved, randomUUID(), CarReserved.fromPartial({})), value: Buffer.from([0x0a, 0x7f]) };
    await lettersOf(await write(poison), GROUPS);
    expect(await command('dlq', 'replay')).toMatchObject({ code: 0 });
    const back = await eventually('it is back on its topic', () => {
      const copies = tap.records.filter(({ topic, headers }) => topic === poison.topic && headers.ce_id === poison.headers.ce_id);
      expect(copies).toHaveLength(2);
      return copies[1] ?? copies[0];
    });
    if (back === undefined) throw new Error('unreachable: there are two copies');
    await lettersOf(back, GROUPS);
  });
});
