import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { unique } from '../../support/patiently.ts';
import { listAll } from '../../support/rest.ts';
import { runSystem } from '../../support/systems.ts';
import { useBrowser } from '../../web/support/browser.ts';
import { type ShownPage, testPages } from '../../web/support/presentable.ts';
import * as library from '../support.ts';

const visit = useBrowser();
const person = { userId: unique('member'), userName: '' };
let book: library.Book;
let reserveId = '';

beforeAll(async () => {
  await runSystem('rentalbook');
  book = await library.register();
  const loan = await library.lend(library.memberOf(book, person.userId));
  ({ reserveId } = loan);
  await library.viewBecomes(reserveId, { status: 'ON_RENTAL', rentalId: loan.rentalId });
  const returned = await library.lend(library.memberOf(await library.register(), person.userId));
  await library.tryReturn(returned.rentalId);
});

const table = (page: Page) => page.getByRole('table').waitFor();

/** Each page in the states that look different. */
const pages: readonly ShownPage[] = [
  [
    'books',
    () => '',
    (page) =>
      page
        .getByRole('button', { name: /^Reserve / })
        .first()
        .waitFor(),
  ],
  ['my books', () => 'mine', (page) => page.getByRole('link', { name: book.bookNm }).waitFor()],
  ['a reserve', () => `mine/${reserveId}`, (page) => page.getByText('Live', { exact: true }).waitFor()],
  ['register', () => 'librarian', table],
  ['books on rental', () => `librarian?name=${book.bookNm}&status=ON_RENTAL`, table],
  ['reserves', () => 'librarian/reserves', table],
  ['rentals', () => `librarian/rentals?member=${person.userId}`, table],
  ['returns', () => `librarian/returns?member=${person.userId}`, table],
  ['no book', () => 'librarian?name=nothing', (page) => page.getByText('No book is like this').waitFor()],
  ['no reserve', () => 'librarian/reserves?member=nobody', (page) => page.getByText('No reserve is like this').waitFor()],
  ['no rental', () => 'librarian/rentals?member=nobody', (page) => page.getByText('No rental is like this').waitFor()],
  ['no return', () => 'librarian/returns?member=nobody', (page) => page.getByText('No return is like this').waitFor()],
];

testPages('rentalbook', visit, () => person, pages);

describe('a member', () => {
  it('rents a reserved book, watches the check, and returns the book', async () => {
    const member = { userId: unique('member'), userName: '' };
    const reserve = await library.reserve(library.memberOf(await library.register(), member.userId));
    const page = await visit(`/app/rentalbook/mine/${reserve.reserveId}`, { person: member });
    await page.getByRole('button', { name: 'Rent the book' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rent the book' }).click();
    await page.getByRole('button', { name: 'Return the book' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Return the book' }).click();
    await page.getByRole('region', { name: 'Status' }).getByText('The book is back in the library.').waitFor();
    expect(await library.returnsOf(member.userId)).toMatchObject([{ bookId: reserve.bookId }]);
    await library.bookBecomes(reserve.bookId, 'IN_STOCK');
  });
});

describe('the librarian', () => {
  /** Fills in a filter and applies it. Waits until the rows are those of these members or books. */
  async function filter(page: Page, label: string, value: string, rows: readonly string[]): Promise<void> {
    await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByRole('button', { name: 'Filter' }).click();
    await eventually(`the rows of ${label} ${value}`, async () => {
      expect(await page.getByRole('rowheader').allInnerTexts()).toEqual(rows);
    });
  }

  it.each(['reserves', 'rentals', 'returns'])('finds the %s of a book and of a member', async (list) => {
    const lent = await library.register();
    const names = [unique('member'), unique('member')];
    for (const name of names) await library.tryReturn((await library.lend(library.memberOf(lent, name))).rentalId);
    const page = await visit(`/app/rentalbook/librarian/${list}`);
    await filter(page, 'Book id', lent.bookId, names);
    await filter(page, 'Member', names[1] ?? '', names.slice(1));
    await filter(page, 'Book id', book.bookId, []);
    await page.getByText(/is like this/).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('table').waitFor();
  });

  it('registers a book, and finds it by its name and status', async () => {
    const bookNm = unique('book');
    const page = await visit('/app/rentalbook/librarian');
    await page.getByLabel('Name', { exact: true }).fill(bookNm);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('status').getByText(`${bookNm} is registered.`).waitFor();
    await filter(page, 'Book name', bookNm, [bookNm]);
    await page.getByLabel('Status').selectOption('Reserved');
    await page.getByText('No book is like this').waitFor();
    const [registered] = await listAll<library.Book>('/rentalbook/books', 'books', { bookNm });
    await library.reserve(library.memberOf(registered ?? expect.unreachable()));
    await library.bookBecomes(registered?.bookId ?? '', 'BOOKING');
    await page.reload();
    await page.getByRole('rowheader', { name: bookNm }).waitFor();
  });
});
