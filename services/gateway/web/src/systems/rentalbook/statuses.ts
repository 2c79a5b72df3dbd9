import { Book_Status } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { Mypage_Status } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { Rental_Status } from '#proto/es/rentalbook/rental/v1/rental_pb.ts';
import { Reserve_Status } from '#proto/es/rentalbook/system/v1/system_pb.ts';
import { type StatusWord, unknownStatus } from '../../ui/status.tsx';
import type { Step } from '../../ui/steps.tsx';

const bookWords: Readonly<Record<Book_Status, StatusWord>> = {
  [Book_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Book_Status.IN_STOCK]: { name: 'In stock', tone: 'good', meaning: 'The book is in the library.' },
  [Book_Status.BOOKING]: { name: 'Reserved', tone: 'waiting', meaning: 'The book is in the library, and reserved.' },
  [Book_Status.ON_RENTAL]: { name: 'On rental', tone: 'off', meaning: 'A member has the book.' },
};

const viewWords: Readonly<Record<Mypage_Status, StatusWord>> = {
  [Mypage_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Mypage_Status.BOOKING]: { name: 'Reserved', tone: 'waiting', meaning: 'The book is reserved. You can rent it.' },
  [Mypage_Status.START_RENTAL]: { name: 'Being checked', tone: 'waiting', meaning: 'The library checks whether you can have the book.' },
  [Mypage_Status.ON_RENTAL]: { name: 'On rental', tone: 'good', meaning: 'You have the book.' },
  [Mypage_Status.RETURN_COMPLETE]: { name: 'Returned', tone: 'over', meaning: 'The book is back in the library.' },
  [Mypage_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The reserve is cancelled.' },
};

const rentalWords: Readonly<Record<Rental_Status, StatusWord>> = {
  [Rental_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Rental_Status.REQUESTED]: { name: 'Requested', tone: 'waiting', meaning: 'The rental is not checked yet.' },
  [Rental_Status.CONFIRMED]: { name: 'Confirmed', tone: 'good', meaning: 'The member has the book.' },
  [Rental_Status.REJECTED]: { name: 'Rejected', tone: 'bad', meaning: 'The check failed.' },
  [Rental_Status.RETURNED]: { name: 'Returned', tone: 'over', meaning: 'The book is back.' },
};

const reserveWords: Readonly<Record<Reserve_Status, StatusWord>> = {
  [Reserve_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Reserve_Status.ACTIVE]: { name: 'Active', tone: 'waiting', meaning: 'The member can rent the book.' },
  [Reserve_Status.USED]: { name: 'Used', tone: 'over', meaning: 'The member has or had the book.' },
  [Reserve_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The member has cancelled.' },
};

/** Returns the words for a status of a book. */
export const wordOfBook = (status: Book_Status): StatusWord => bookWords[status] ?? unknownStatus;

/** Returns the words for a status of the view. */
export const wordOfView = (status: Mypage_Status): StatusWord => viewWords[status] ?? unknownStatus;

/** Returns the words for a status of a rental. */
export const wordOfRental = (status: Rental_Status): StatusWord => rentalWords[status] ?? unknownStatus;

/** Returns the words for a status of a reserve. */
export const wordOfReserve = (status: Reserve_Status): StatusWord => reserveWords[status] ?? unknownStatus;

/** Returns why a rental was rejected, in words; empty for no reason. */
export function reasonWords(reason: string): string {
  switch (reason) {
    case 'ALREADY_RENTED':
      return 'Another member has the book. Your reserve stays: try again later.';
    case 'NOT_RESERVED':
      return 'The member had no reserve of the book.';
    default:
      return '';
  }
}

const reserved = { name: 'Reserved', behind: 'The system service keeps the reserve: Subscribed.' };
const checked = { name: 'Checked', behind: 'rental publishes Rented; system finds the reserve and that nobody has the book: Checked.' };
const returned = { name: 'Returned', behind: 'rental asks system to record the return, by gRPC through the mesh: ReturnedBook.' };
const cancelled = { name: 'Cancelled', behind: 'The system service cancels the reserve: SubscriptionCancelled.' };

/** Returns the steps of a reserve. */
export function stepsOf(status: Mypage_Status): readonly Step[] {
  const done = (...steps: readonly Omit<Step, 'state'>[]) => steps.map((step) => ({ ...step, state: 'done' as const }));
  switch (status) {
    case Mypage_Status.START_RENTAL:
      return [...done(reserved), { ...checked, state: 'now' }];
    case Mypage_Status.ON_RENTAL:
      return done(reserved, checked);
    case Mypage_Status.RETURN_COMPLETE:
      return done(reserved, checked, returned);
    case Mypage_Status.CANCELLED:
      return done(reserved, cancelled);
    default:
      return done(reserved);
  }
}

/** Whether a reserve does not change any more. */
export function isOver(status: Mypage_Status): boolean {
  return status === Mypage_Status.RETURN_COMPLETE || status === Mypage_Status.CANCELLED;
}
