import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failpoint, Failpoint_Action } from '#proto/rentmesh/fault/v1/fault.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { patiently, unique } from '../support/patiently.ts';
import { rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { tested } from '../support/tested/index.ts';
import { becomes, CANCELLED, cancel, RESERVED, reservationsOf, reserve, ticketOf, ticketsAgree, tryReserve } from './support.ts';

beforeAll(() => runSystem('cinema'));

/** A consumer group whose member died rejoins after its session timeout. */
const RECOVERY_MS = 60_000;
const UNAVAILABLE = { code: 'UNAVAILABLE', httpStatus: 503, retryAfter: expect.stringMatching(/^\d+$/) };

describe('while a part is stopped', () => {
  const stopped = new Set<string>();
  async function stop(name: string): Promise<void> {
    stopped.add(name);
    await control.stop(name);
  }
  async function start(name: string): Promise<void> {
    await control.start(name);
    stopped.delete(name);
  }
  // A test that failed must not take the others with it.
  afterEach(async () => {
    for (const name of stopped) await start(name);
  });

  it('cinema: reservations are taken and stay REQUESTED, also those that are cancelled are refunded; all is settled when it is back', async () => {
    await stop('cinema/cinema-1');
    const [cancelled, ...kept] = await each(range(5), 5, () => reserve());
    for (const { reservationId } of kept) await becomes(reservationId, { reservation: 'REQUESTED', information: 'PAID' });
    const id = cancelled?.reservationId ?? '';
    await cancel(id);
    await becomes(id, { reservation: 'CANCELLED', payment: 'REFUNDED', information: 'REFUNDED' });
    expect(await failureOf(rest('GET', '/cinema/bookings'))).toMatchObject(UNAVAILABLE);
    await start('cinema/cinema-1');
    for (const { reservationId } of kept) await becomes(reservationId, RESERVED);
    await becomes(id, CANCELLED);
  });

  it('payment: reserving fails and leaves nothing, and succeeds under the same key when it is back', async () => {
    await stop('cinema/payment-1');
    const [ticket, headers] = [ticketOf(), { 'idempotency-key': unique('key') }];
    const failure = await failureOf(tryReserve(ticket, headers));
    expect(failure).toMatchObject({ ...UNAVAILABLE, reason: 'PAYMENT_UNCHECKED', domain: 'cinema.rentmesh' });
    await start('cinema/payment-1');
    const { reservationId } = await patiently(() => tryReserve(ticket, headers));
    await becomes(reservationId, RESERVED);
    const others = (await reservationsOf(ticket.userId)).filter((each) => each.reservationId !== reservationId);
    for (const other of others) await becomes(other.reservationId, { reservation: 'REJECTED', payment: undefined, booking: undefined });
  });

  it('information: everything goes on, and the view catches up with its history when it is back', async () => {
    await stop('cinema/information-1');
    const { reservationId } = await reserve();
    await becomes(reservationId, { reservation: 'RESERVED' });
    await cancel(reservationId);
    expect(await failureOf(rest('GET', '/cinema/informations'))).toMatchObject(UNAVAILABLE);
    await start('cinema/information-1');
    await becomes(reservationId, CANCELLED);
  });
});

describe('a payment whose outcome is unknown', () => {
  afterEach(async () => {
    await tested.setFaults('cinema/payment-1', {});
    await control.start('cinema/cinema-1');
  });

  it.each([
    ['its answer is lost', { resetRate: 1 }],
    ['it takes longer than 300 ms', { delayMsMin: 600, delayMsMax: 600 }],
  ])('because %s is refunded, and the caller is told UNAVAILABLE', async (_, faults) => {
    const ticket = ticketOf();
    // A circuit that an earlier test has opened would refuse the call.
    await reserve();
    // It would make the outcome known: BookingAccepted stores the reservation of a payment whose answer is lost.
    await control.stop('cinema/cinema-1');
    await tested.setFaults('cinema/payment-1', { methods: ['cinema.payment.v1.PaymentService/CompletePayment'], ...faults });
    expect(await failureOf(tryReserve(ticket))).toMatchObject({ ...UNAVAILABLE, reason: 'PAYMENT_UNCHECKED' });
    await tested.setFaults('cinema/payment-1', {});
    await control.start('cinema/cinema-1');
    const stored = await reservationsOf(ticket.userId);
    expect(stored).toMatchObject([{ ...ticket, status: 'REJECTED' }]);
    await ticketsAgree();
    const failure = await failureOf(rest('POST', `/cinema/reservations/${stored[0]?.reservationId}:cancel`, {}));
    expect(failure).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_CANCELLABLE' });
  });
});

describe.each([
  ['cinema/payment-1', 'effect.applied'],
  ['cinema/reservation-1', 'effect.granted'],
  ['cinema/cinema-1', 'consumer.applied'],
  ['cinema/information-1', 'consumer.applied'],
  ['cinema/reservation-1', 'relay.sent'],
])('%s killed at %s', (victim, point) => {
  // It may be starting again.
  afterEach(() => eventually(`${victim} has no faults`, () => tested.setFaults(victim, {})));

  it('leaves each reservation with one payment and one booking, and nothing paid besides', async () => {
    // No event is under way when the failpoint is armed: it would kill the process before that is answered.
    await becomes((await reserve()).reservationId, RESERVED);
    await tested.setFaults(victim, { failpoints: [Failpoint.fromPartial({ name: point, action: Failpoint_Action.KILL })] });
    const [first, ...others] = await each(range(5), 5, () => reserve());
    const id = first?.reservationId ?? '';
    await cancel(id);
    await becomes(id, CANCELLED, RECOVERY_MS);
    for (const { reservationId } of others) await becomes(reservationId, RESERVED, RECOVERY_MS);
    await ticketsAgree();
  });
});
