import { beforeAll, expect, it } from 'vitest';
import { mypageBecomes, registerCar, rentalBecomes, reserve } from '../../support/rentcar.ts';
import { violations } from '../../web/support/axe.ts';
import { useBrowser } from '../../web/support/browser.ts';
import { expectPresentable, inEachLook, type ShownPage, testPages } from '../../web/support/presentable.ts';
import { choose, reserveButton, somebody } from './support.ts';

const visit = useBrowser();
const person = somebody();
let carName = '';
let reservationId = '';

beforeAll(async () => {
  const car = await registerCar(1);
  carName = car.carName;
  const reservation = await reserve({ carId: car.carId, userId: person.userId });
  reservationId = reservation.reservationId;
  await rentalBecomes(reservationId, 'ALLOCATED');
  await mypageBecomes(reservationId, 'ALLOCATED');
});

/** Each page in the states that look different. */
const pages: readonly ShownPage[] = [
  ['find a car', () => `?name=${carName}`, (page) => page.getByText('Out of stock', { exact: true }).waitFor()],
  ['no car found', () => '?name=NO_SUCH_CAR', (page) => page.getByText('No car is like this').waitFor()],
  ['my reservations', () => 'reservations', (page) => page.getByRole('link', { name: carName }).waitFor()],
  ['a reservation', () => `reservations/${reservationId}`, (page) => page.getByText('Live', { exact: true }).waitFor()],
  ['no such reservation', () => `reservations/${person.userId}`, (page) => page.getByRole('alert').waitFor()],
  ['cars', () => 'manage', (page) => page.getByRole('table').waitFor()],
  ['reservations', () => `manage/reservations?user=${person.userId}`, (page) => page.getByRole('table').waitFor()],
  ['allocations', () => `manage/allocations?user=${person.userId}`, (page) => page.getByRole('table').waitFor()],
  ['no allocation', () => 'manage/allocations?user=nobody', (page) => page.getByText('No allocation is like this').waitFor()],
  ['no such page', () => 'nowhere', (page) => page.getByText('There is no such page').waitFor()],
];

testPages('rentcar', visit, () => person, pages);

it('dialogs and problems: axe-core finds nothing, and nothing is cut off', async () => {
  const car = await registerCar(1);
  const page = await visit(`/app/rentcar/?name=${car.carName}`, { person });
  await inEachLook(page, async (look) => {
    await page.getByRole('button', { name: 'Anna' }).click();
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await choose(page, car.carName);
    await page.context().setOffline(true);
    await reserveButton(page).click();
    await page.getByRole('alert').waitFor();
    await expectPresentable(page, 'rentcar-problem', look);
    await page.context().setOffline(false);
    await page.reload();
  });
});

it('nothing moves for those who want nothing to move', async () => {
  const page = await visit(`/app/rentcar/reservations/${reservationId}`, { person });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
});
