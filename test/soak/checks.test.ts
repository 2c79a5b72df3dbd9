import { describe, expect, it } from 'vitest';
import type { Rental, Reservation } from '../support/rentcar.ts';
import { Findings } from './findings.ts';
import { errorLines } from './logs.ts';
import { newOrder, type Order } from './orders.ts';
import { Random } from './random.ts';
import { judge } from './sampler.ts';
import { inconsistencies, verifyOrders } from './verify.ts';
import { Deck, plan } from './victims.ts';

const reservation = (status: string, changes: Partial<Reservation> = {}): Reservation => ({
  reservationId: 'r1',
  carId: 'c1',
  carName: 'CAR',
  userId: 'u1',
  userName: 'order-1',
  reservedDate: '',
  status,
  createTime: '',
  updateTime: '',
  ...changes,
});
// Only the status is read.
const follower = (status: string) => ({ ...reservation(status), rentalId: 't1' }) satisfies Rental;
const followers = (rental: string, view: string, held: boolean) => ({ rentals: [follower(rental)], views: [follower(view)], held });

describe('the soak finds', () => {
  it('nothing where rental, view and hold follow the reservation', () => {
    expect(inconsistencies(reservation('RESERVED'), followers('ALLOCATED', 'ALLOCATED', true))).toEqual([]);
    expect(inconsistencies(reservation('CANCELLED'), followers('CANCELLED', 'CANCELLED', false))).toEqual([]);
    expect(inconsistencies(reservation('REJECTED'), { rentals: [], views: [], held: false })).toEqual([]);
  });

  it.each([
    ['RESERVED', followers('ALLOCATED', 'ALLOCATED', false)],
    ['RESERVED', followers('ALLOCATED', 'RESERVED', true)],
    ['RESERVED', { rentals: [], views: [], held: true }],
    ['RESERVED', { rentals: [follower('ALLOCATED'), follower('ALLOCATED')], views: [follower('ALLOCATED')], held: true }],
    ['CANCELLED', followers('ALLOCATED', 'CANCELLED', false)],
    ['COMPLETED', followers('COMPLETED', 'COMPLETED', true)],
    ['REJECTED', followers('CANCELLED', 'CANCELLED', false)],
    ['REJECTED', { rentals: [], views: [], held: true }],
  ])('a %s reservation whose followers do not fit', (status, given) => {
    expect(inconsistencies(reservation(status), given)).toHaveLength(1);
  });

  const order = (changes: Partial<Order>): Order => ({ ...newOrder({ id: 'order-1', userId: 'u1', carId: 'c1', key: 'k' }), ...changes });
  const reserved = { outcome: 'reserved', reservationId: 'r1' } as const;
  it.each([
    ['an acknowledged reservation that is not stored', order(reserved), []],
    ['an acknowledged cancellation that is lost', order({ ...reserved, cancelled: true }), [reservation('RESERVED')]],
    ['an acknowledged completion that is lost', order({ ...reserved, completed: true, cancelled: true }), [reservation('CANCELLED')]],
    ['a refused reservation that is stored', order({ outcome: 'refused' }), [reservation('RESERVED')]],
    ['two reservations under one key', order(reserved), [reservation('RESERVED'), reservation('RESERVED', { reservationId: 'r2' })]],
    ['a reservation that nobody asked for', order(reserved), [reservation('RESERVED'), reservation('RESERVED', { userName: 'other' })]],
  ])('%s', (_, given, stored) => {
    const findings = new Findings();
    verifyOrders([given], stored, findings);
    expect(findings.violations).toHaveLength(1);
    expect(() => findings.throwIfAny('npm run soak')).toThrow('npm run soak');
  });

  it('nothing where the stored reservation is what was acknowledged', () => {
    const findings = new Findings();
    verifyOrders([order({ ...reserved, cancelled: true })], [reservation('CANCELLED'), reservation('REJECTED')], findings);
    expect(findings.violations).toEqual([]);
  });

  it('stock that was lost or sold twice', () => {
    const findings = new Findings();
    judge({ car_id: 'c1', qty: 3, initial_qty: 5, held: 2 }, findings);
    expect(findings.violations).toEqual([]);
    judge({ car_id: 'c1', qty: 3, initial_qty: 5, held: 1 }, findings);
    judge({ car_id: 'c1', qty: -1, initial_qty: 5, held: 6 }, findings);
    expect(findings.violations).toHaveLength(2);
  });

  it('the errors in the logs of every kind of process', () => {
    const errors = [
      '{"level":"error","time":"2026-11-28T14:26:54.715Z","service":"rentcar/car","msg":"call failed"}',
      '[2026-11-28 14:25:51.585][14420][critical][main] [source/server/server.cc:414] error initializing configuration',
      '2026-11-28 14:27:18.994 UTC [14236] ERROR:  relation "cars" does not exist',
      '2026-11-28T14:26:05,618 ERROR LogManager: Error while writing',
      'Exception in thread "main" java.lang.OutOfMemoryError',
    ];
    const others = [
      '{"level":"warn","time":"2026-11-28T14:26:54.715Z","msg":"the level \\"error\\" is not this line\'s"}',
      '2026-11-28 14:27:18.994 UTC [14236] LOG:  checkpoint starting: shutdown immediate',
      "2026-11-28T14:26:05,618 WARN DefaultAutoTopicCreationManager: failed with error 'TOPIC_ALREADY_EXISTS'",
    ];
    expect(errorLines([...others, ...errors].join('\n'))).toEqual(errors);
  });
});

describe('a seed', () => {
  const names = ['a', 'b', 'c', 'd'];
  const planned = (seed: number) => {
    const random = new Random(seed);
    const deck = new Deck(random.fork());
    return Array.from({ length: 8 }, () => plan(random, deck, names, 10_000));
  };

  it('plans the same blows again, and another seed others', () => {
    expect(planned(7)).toEqual(planned(7));
    expect(planned(7)).not.toEqual(planned(8));
  });

  it('strikes every process before any process again', () => {
    const deck = new Deck(new Random(3));
    const drawn = Array.from({ length: names.length }, () => deck.draw(names));
    expect(drawn.toSorted()).toEqual(names);
  });
});
