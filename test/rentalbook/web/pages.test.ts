import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { unique } from '../../support/patiently.ts';
import { runSystem } from '../../support/systems.ts';
import { overflow, violations } from '../../web/support/axe.ts';
import { picture, useBrowser } from '../../web/support/browser.ts';
import * as library from '../support.ts';

const visit = useBrowser();
const person = { userId: unique('member'), userName: '' };
let book: library.Book;
let reserveId = '';

beforeAll(async () => {
  await runSystem('rentalbook');
  book = await library.register();
  const member = library.memberOf(book, person.userId);
  ({ reserveId } = await library.reserve(member));
  const { rentalId } = await library.rent(member);
  await library.viewBecomes(reserveId, { status: 'ON_RENTAL', rentalId });
});

/** Each page in the states that look different, and what shows that it is there. */
const pages: readonly (readonly [name: string, path: () => string, ready: (page: Page) => Promise<unknown>])[] = [
  [
    'books',
    () => '/app/rentalbook/',
    (page) =>
      page
        .getByRole('button', { name: /^Reserve / })
        .first()
        .waitFor(),
  ],
  ['my books', () => '/app/rentalbook/mine', (page) => page.getByRole('link', { name: book.bookNm }).waitFor()],
  ['a reserve', () => `/app/rentalbook/mine/${reserveId}`, (page) => page.getByText('Live', { exact: true }).waitFor()],
  ['register', () => '/app/rentalbook/librarian', (page) => page.getByRole('table').waitFor()],
  ['reserves', () => '/app/rentalbook/librarian/reserves', (page) => page.getByRole('table').waitFor()],
  ['rentals', () => `/app/rentalbook/librarian/rentals?member=${person.userId}`, (page) => page.getByRole('table').waitFor()],
  ['returns', () => '/app/rentalbook/librarian/returns', (page) => page.getByRole('heading', { name: 'Returns', exact: true }).waitFor()],
  ['no rental', () => '/app/rentalbook/librarian/rentals?member=nobody', (page) => page.getByText('No rental is like this').waitFor()],
];

describe.each([
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 360 },
] as const)('$theme, $width pixels wide', ({ theme, width }) => {
  it.each(pages)('%s: axe-core finds nothing, and nothing is cut off', async (name, path, ready) => {
    const page = await visit(path(), { theme, width, person });
    await ready(page);
    await picture(page, `rentalbook-${name.replaceAll(' ', '-')}-${theme}-${width}`);
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });
});

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
