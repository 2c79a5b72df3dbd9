import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface HasStatus {
  readonly status: string;
}

interface Book extends HasStatus {
  readonly bookId: string;
}

interface Rental extends HasStatus {
  readonly rentalId: string;
  readonly reason: string;
}

interface View extends HasStatus {
  readonly history: readonly HasStatus[];
}

const BOOK = { bookNm: 'apple' };
const MEMBER = { userNm: 'self-proof' };

/**
 * Proves that Rental Book works: a member reserves, rents and returns a book, and the book and the member's view follow by events;
 * a rental without a reserve is rejected.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const proof = new Proof(url, 'rentalbook', report);
  const { bookId } = await proof.createShared<Book>('register a book', {
    service: 'book',
    path: '/rentalbook/books',
    body: BOOK,
    idOf: (book) => book.bookId,
    isUsable: ({ status }) => status === 'IN_STOCK',
    result: ({ status }) => status,
  });
  const request = { bookId, ...BOOK, ...MEMBER };
  const { reserveId } = await proof.change<{ reserveId: string }>('reserve it', 'system', '/rentalbook/reserves', request);
  const [book, view] = [`/rentalbook/books/${bookId}`, `/rentalbook/mypages/${reserveId}`];
  await proof.waitForStatus('book follows', 'book', book, 'BOOKING');
  await proof.waitForStatus('shown in mypage', 'mypage', view, 'BOOKING');
  const { rentalId } = await proof.change<Rental>('rent it', 'rental', '/rentalbook/rentals', request);
  await proof.waitForStatus('checked by event', 'rental', `/rentalbook/rentals/${rentalId}`, 'CONFIRMED');
  await waitForHistory(proof, view, ['BOOKING', 'START_RENTAL', 'ON_RENTAL']);
  await proof.waitForStatus('book follows', 'book', book, 'ON_RENTAL');
  await proof.change('return it', 'rental', `/rentalbook/rentals/${rentalId}:return`);
  await proof.waitForStatus('mypage follows', 'mypage', view, 'RETURN_COMPLETE');
  await proof.waitForStatus('book follows', 'book', book, 'IN_STOCK');
  const refused = await proof.change<Rental>('rent without a reserve', 'rental', '/rentalbook/rentals', request);
  await waitForRejection(proof, `/rentalbook/rentals/${refused.rentalId}`);
}

/** Waits until the view of a reserve has these statuses, the last one being its own. */
async function waitForHistory(proof: Proof, path: string, history: readonly string[]): Promise<void> {
  const result = `${history.at(-1)} (${history.slice(0, -1).join(', ')})`;
  const get = () => proof.find<View>('mypage', path);
  const isExpected = (view: View | undefined) =>
    view?.status === history.at(-1) && history.every((each, index) => view?.history[index]?.status === each);
  await proof.wait('mypage follows', 'mypage', { what: `${path} with status ${result}`, get, isExpected }, () => result);
}

async function waitForRejection(proof: Proof, path: string): Promise<void> {
  const get = () => proof.get<Rental>('rental', path);
  const isExpected = ({ status, reason }: Rental) => status === 'REJECTED' && reason === 'NOT_RESERVED';
  const read = { what: `${path} with status REJECTED`, get, isExpected };
  await proof.wait('rejected by event', 'rental', read, ({ status, reason }) => `${status} (${reason})`);
}
