import { beforeAll, describe, expect, it } from 'vitest';
import { unique } from '../../support/patiently.ts';
import { runSystem } from '../../support/systems.ts';
import { useBrowser } from '../../web/support/browser.ts';
import { type ShownPage, testPages } from '../../web/support/presentable.ts';
import { becomes, CANCELLED, RESERVED, reservationsOf, reserve } from '../support.ts';

const visit = useBrowser();
const person = { userId: unique('user'), userName: '' };
let reservationId = '';

beforeAll(async () => {
  await runSystem('cinema');
  ({ reservationId } = await reserve({ userId: person.userId }));
  await becomes(reservationId, RESERVED);
});

/** Each page in the states that look different. */
const pages: readonly ShownPage[] = [
  [
    'programme',
    () => '',
    (page) =>
      page
        .getByRole('button', { name: /^Reserve AVATOR/ })
        .first()
        .waitFor(),
  ],
  ['my tickets', () => 'reservations', (page) => page.getByRole('link', { name: 'AVATOR' }).waitFor()],
  ['a ticket', () => `reservations/${reservationId}`, (page) => page.getByText('Live', { exact: true }).waitFor()],
  ['no such ticket', () => `reservations/${person.userId}`, (page) => page.getByRole('alert').waitFor()],
  ['ticket reservations', () => `staff?user=${person.userId}`, (page) => page.getByRole('table').waitFor()],
  ['bookings', () => `staff/bookings?reservation=${reservationId}`, (page) => page.getByRole('table').waitFor()],
  ['payments', () => `staff/payments?reservation=${reservationId}`, (page) => page.getByRole('table').waitFor()],
  ['no booking', () => 'staff/bookings?film=nothing', (page) => page.getByText('No booking is like this').waitFor()],
];

testPages('cinema', visit, () => person, pages);

describe('a customer', () => {
  it('reserves a ticket, watches it become reserved, and cancels it', async () => {
    const customer = { userId: unique('user'), userName: '' };
    const page = await visit('/app/cinema/', { person: customer });
    await page.getByRole('button', { name: /^Reserve SOUL/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reserve and pay' }).click();
    await page.getByRole('heading', { name: 'Your ticket for SOUL' }).waitFor();
    const status = page.getByRole('region', { name: 'Status' });
    await status.getByText('The cinema has accepted the ticket.').waitFor();
    await page.getByRole('button', { name: 'Cancel this reservation' }).click();
    await page.getByRole('button', { name: 'Cancel the reservation' }).click();
    await status.getByText('The reservation is cancelled, and the money is back.').waitFor();
    const history = page.getByRole('region', { name: 'History' }).getByRole('listitem');
    const names = ['Requested', 'Paid', 'Reserved', 'Cancelled', 'Refunded'];
    expect(await history.allInnerTexts()).toEqual(names.map((name) => expect.stringContaining(name)));
    const [reservation, ...more] = await reservationsOf(customer.userId);
    expect(more).toEqual([]);
    expect(reservation).toMatchObject({ cinemaNo: 'SOUL', price: 10_000 });
    await becomes(reservation?.reservationId ?? '', CANCELLED);
  });
});
