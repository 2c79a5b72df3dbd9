import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Information {
  readonly history: readonly { readonly status: string; readonly time: string }[];
}

const RESERVATIONS = '/cinema/reservations';
const TICKET = { userId: 'self-proof', cinemaNo: 'AVATOR', time: '2021-02-18_10:00~13:00', price: 12_000 };
const HISTORY = ['REQUESTED', 'PAID', 'RESERVED', 'CANCELLED', 'REFUNDED'].join(', ');

/**
 * Proves that Happy Cinema works: a ticket is paid, accepted, reserved and seen in information; cancelling refunds it and cancels
 * the booking, also if the cinema has not accepted it yet.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const proof = new Proof(url, 'cinema', report);
  const first = await reserve(proof, 'reserve a ticket');
  await proof.waitForStatus('paid', 'payment', `/cinema/payments?reservationId=${first}`, 'COMPLETED');
  await proof.waitForStatus('accepted by event', 'cinema', `/cinema/bookings?reservationId=${first}`, 'RESERVED');
  await proof.waitForStatus('ticket reserved', 'reservation', `${RESERVATIONS}/${first}`, 'RESERVED');
  await proof.waitForStatus('shown in information', 'information', `/cinema/informations/${first}`, 'RESERVED');
  await cancel(proof, 'cancel it', first);
  await waitForHistory(proof, first);
  const second = await reserve(proof, 'reserve another');
  await cancel(proof, 'cancel it at once', second);
  await proof.waitForStatus('stays cancelled', 'reservation', `${RESERVATIONS}/${second}`, 'CANCELLED');
}

/** Reserves a ticket. @returns the id of the reservation */
async function reserve(proof: Proof, step: string): Promise<string> {
  return (await proof.change<{ reservationId: string }>(step, 'reservation', RESERVATIONS, TICKET)).reservationId;
}

/** Cancels a reservation, and waits until it is refunded and its booking is cancelled. */
async function cancel(proof: Proof, step: string, reservationId: string): Promise<void> {
  await proof.change(step, 'reservation', `${RESERVATIONS}/${reservationId}:cancel`);
  await proof.waitForStatus('payment refunded', 'payment', `/cinema/payments?reservationId=${reservationId}`, 'REFUNDED');
  await proof.waitForStatus('booking cancelled', 'cinema', `/cinema/bookings?reservationId=${reservationId}`, 'CANCELLED');
  await proof.waitForStatus('information follows', 'information', `/cinema/informations/${reservationId}`, 'REFUNDED');
}

/** Waits until the view has every status with its time. */
async function waitForHistory(proof: Proof, reservationId: string): Promise<void> {
  const get = () => proof.find<Information>('information', `/cinema/informations/${reservationId}`);
  const isExpected = (view: Information | undefined) =>
    view?.history.map(({ status }) => status).join(', ') === HISTORY && view.history.every(({ time }) => !Number.isNaN(Date.parse(time)));
  const read = { what: `the history ${HISTORY}`, get, isExpected };
  await proof.wait('with its history', 'information', read, (view) => `${view?.history.length} states`);
}
