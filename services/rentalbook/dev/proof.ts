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
  const library = new LibraryProof(new Proof(url, 'rentalbook', report));
  const bookId = await library.register();
  const reserveId = await library.reserve(bookId);
  await library.bookIs(bookId, 'BOOKING', 'book follows');
  await library.viewIs(reserveId, 'BOOKING', 'shown in mypage');
  const rentalId = await library.rent(bookId, 'rent it');
  await library.rentalIs(rentalId, 'CONFIRMED', 'checked by event');
  await library.viewIs(reserveId, 'ON_RENTAL', 'mypage follows', ['BOOKING', 'START_RENTAL', 'ON_RENTAL']);
  await library.bookIs(bookId, 'ON_RENTAL', 'book follows');
  await library.giveBack(rentalId);
  await library.viewIs(reserveId, 'RETURN_COMPLETE', 'mypage follows');
  await library.bookIs(bookId, 'IN_STOCK', 'book follows');
  const refused = await library.rent(bookId, 'rent without a reserve');
  await library.rentalIs(refused, 'REJECTED', 'rejected by event', 'NOT_RESERVED');
}

class LibraryProof {
  readonly #proof: Proof;

  constructor(proof: Proof) {
    this.#proof = proof;
  }

  /**
   * Registers the book of the proof. The idempotency key makes all proofs share one book. If an earlier proof was cut off and left
   * the book reserved or rented, the book of the next key is taken.
   */
  async register(): Promise<string> {
    const register = async () => {
      for (let attempt = 1; ; attempt += 1) {
        const key = { 'idempotency-key': `self-proof-${attempt}` };
        const { bookId } = await this.#proof.post<Book>('book', '/rentalbook/books', BOOK, key);
        const book = await this.#proof.get<Book>('book', `/rentalbook/books/${bookId}`);
        if (book.status === 'IN_STOCK') return book;
      }
    };
    const { bookId } = await this.#proof.step('register a book', register, ({ status }) => status);
    return bookId;
  }

  async reserve(bookId: string): Promise<string> {
    const reserve = () =>
      this.#proof.post<HasStatus & { reserveId: string }>('system', '/rentalbook/reserves', { bookId, ...BOOK, ...MEMBER });
    const { reserveId } = await this.#proof.step('reserve it', reserve, ({ status }) => status);
    return reserveId;
  }

  async rent(bookId: string, step: string): Promise<string> {
    const rent = () => this.#proof.post<Rental>('rental', '/rentalbook/rentals', { bookId, ...BOOK, ...MEMBER });
    const { rentalId } = await this.#proof.step(step, rent, ({ status }) => status);
    return rentalId;
  }

  async giveBack(rentalId: string): Promise<void> {
    const giveBack = () => this.#proof.post<Rental>('rental', `/rentalbook/rentals/${rentalId}:return`, {});
    await this.#proof.step('return it', giveBack, ({ status }) => status);
  }

  async bookIs(bookId: string, status: string, step: string): Promise<void> {
    await this.#shows<Book>(step, 'book', `/rentalbook/books/${bookId}`, { status });
  }

  async rentalIs(rentalId: string, status: string, step: string, reason = ''): Promise<void> {
    await this.#shows<Rental>(step, 'rental', `/rentalbook/rentals/${rentalId}`, { status }, (rental) => rental.reason === reason, reason);
  }

  async viewIs(reserveId: string, status: string, step: string, history: readonly string[] = []): Promise<void> {
    const hasHistory = (view: View) => history.every((each, index) => view.history[index]?.status === each);
    await this.#shows<View>(step, 'mypage', `/rentalbook/mypages/${reserveId}`, { status }, hasHistory, history.slice(0, -1).join(', '));
  }

  /** Waits until a path answers with a status and whatever else is expected; `details` describes the latter. */
  async #shows<T extends HasStatus>(
    step: string,
    service: string,
    path: string,
    { status }: HasStatus,
    isExpected: (found: T) => boolean = () => true,
    details = '',
  ): Promise<void> {
    const matches = (found: T | undefined) => found?.status === status && isExpected(found);
    const result = details === '' ? status : `${status} (${details})`;
    const read = { what: `${path} with status ${result}`, get: () => this.#proof.find<T>(service, path), isExpected: matches };
    await this.#proof.step(
      step,
      () => this.#proof.until(service, read),
      () => result,
    );
  }
}
