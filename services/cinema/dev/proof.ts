import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Reservation {
  readonly reservationId: string;
  readonly status: string;
}

interface HasStatus {
  readonly status: string;
}

interface Information extends HasStatus {
  readonly history: readonly { readonly status: string; readonly time: string }[];
}

const TICKET = { userId: 'self-proof', cinemaNo: 'AVATOR', time: '2021-02-18_10:00~13:00', price: 12_000 };

/**
 * Proves that Happy Cinema works: a ticket is paid, accepted, reserved and seen in information; cancelling refunds it and cancels
 * the booking, also if the cinema has not accepted it yet.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const cinema = new CinemaProof(new Proof(url, 'cinema', report));
  const first = await cinema.reserve('reserve a ticket');
  await cinema.hasFirst('paid', 'payment', `/cinema/payments?reservationId=${first}`, 'COMPLETED');
  await cinema.hasFirst('accepted by event', 'cinema', `/cinema/bookings?reservationId=${first}`, 'RESERVED');
  await cinema.shows('ticket reserved', 'reservation', `/cinema/reservations/${first}`, 'RESERVED');
  await cinema.shows('shown in information', 'information', `/cinema/informations/${first}`, 'RESERVED');
  await cinema.cancel('cancel it', first);
  await cinema.isTakenBack(first);
  await cinema.keepsHistory(first);
  const second = await cinema.reserve('reserve another');
  await cinema.cancel('cancel it at once', second);
  await cinema.isTakenBack(second);
  await cinema.shows('stays cancelled', 'reservation', `/cinema/reservations/${second}`, 'CANCELLED');
}

class CinemaProof {
  readonly #proof: Proof;

  constructor(proof: Proof) {
    this.#proof = proof;
  }

  /** Reserves a ticket. Returns the id of the reservation. */
  async reserve(step: string): Promise<string> {
    const reserve = () => this.#proof.post<Reservation>('reservation', '/cinema/reservations', TICKET);
    return (await this.#proof.step(step, reserve, ({ status }) => status)).reservationId;
  }

  async cancel(step: string, reservationId: string): Promise<void> {
    const cancel = () => this.#proof.post<Reservation>('reservation', `/cinema/reservations/${reservationId}:cancel`, {});
    await this.#proof.step(step, cancel, ({ status }) => status);
  }

  /** Waits until a reservation is refunded and its booking is cancelled. */
  async isTakenBack(reservationId: string): Promise<void> {
    await this.hasFirst('payment refunded', 'payment', `/cinema/payments?reservationId=${reservationId}`, 'REFUNDED');
    await this.hasFirst('booking cancelled', 'cinema', `/cinema/bookings?reservationId=${reservationId}`, 'CANCELLED');
    await this.shows('information follows', 'information', `/cinema/informations/${reservationId}`, 'REFUNDED');
  }

  /** Waits until the view has every status with its time. */
  async keepsHistory(reservationId: string): Promise<void> {
    const expected = ['REQUESTED', 'PAID', 'RESERVED', 'CANCELLED', 'REFUNDED'].join(', ');
    const get = () => this.#proof.find<Information>('information', `/cinema/informations/${reservationId}`);
    const statuses = (view: Information | undefined) => view?.history.map(({ status }) => status).join(', ');
    const isExpected = (view: Information | undefined) =>
      statuses(view) === expected && view?.history.every(({ time }) => !Number.isNaN(Date.parse(time))) === true;
    await this.#proof.step(
      'with its history',
      () => this.#proof.until('information', { what: `the history ${expected}`, get, isExpected }),
      (view) => `${view?.history.length} states`,
    );
  }

  /** Waits until a path answers with a status. */
  async shows(step: string, service: string, path: string, status: string): Promise<void> {
    await this.#awaitStatus(step, service, path, status, () => this.#proof.find<HasStatus>(service, path));
  }

  /** Waits until the first entry of a list has a status. */
  async hasFirst(step: string, service: string, path: string, status: string): Promise<void> {
    const get = async () => {
      const { nextPageToken: _, ...list } = await this.#proof.get<Record<string, HasStatus[]> & { nextPageToken: never }>(service, path);
      return Object.values(list)[0]?.[0];
    };
    await this.#awaitStatus(step, service, path, status, get);
  }

  async #awaitStatus(
    step: string,
    service: string,
    path: string,
    status: string,
    get: () => Promise<HasStatus | undefined>,
  ): Promise<void> {
    const isExpected = (found: HasStatus | undefined) => found?.status === status;
    await this.#proof.step(
      step,
      () => this.#proof.until(service, { what: `${path} with status ${status}`, get, isExpected }),
      () => status,
    );
  }
}
