import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { mypageBecomes, registerCar, rentalBecomes, reserve } from '../../support/rentcar.ts';
import { overflow, violations } from '../../web/support/axe.ts';
import { picture, useBrowser } from '../../web/support/browser.ts';
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

/** Each page in the states that look different, and what shows that it is there. */
const pages: readonly (readonly [name: string, path: () => string, ready: (page: Page) => Promise<unknown>])[] = [
  ['find a car', () => `/app/rentcar/?name=${carName}`, (page) => page.getByText('Out of stock', { exact: true }).waitFor()],
  ['no car found', () => '/app/rentcar/?name=NO_SUCH_CAR', (page) => page.getByText('No car is like this').waitFor()],
  ['my reservations', () => '/app/rentcar/reservations', (page) => page.getByRole('link', { name: carName }).waitFor()],
  ['a reservation', () => `/app/rentcar/reservations/${reservationId}`, (page) => page.getByText('Live', { exact: true }).waitFor()],
  ['no such reservation', () => `/app/rentcar/reservations/${person.userId}`, (page) => page.getByRole('alert').waitFor()],
  ['cars', () => '/app/rentcar/manage', (page) => page.getByRole('table').waitFor()],
  ['reservations', () => `/app/rentcar/manage/reservations?user=${person.userId}`, (page) => page.getByRole('table').waitFor()],
  ['allocations', () => `/app/rentcar/manage/allocations?user=${person.userId}`, (page) => page.getByRole('table').waitFor()],
  ['no allocation', () => '/app/rentcar/manage/allocations?user=nobody', (page) => page.getByText('No allocation is like this').waitFor()],
  ['no such page', () => '/app/rentcar/nowhere', (page) => page.getByText('There is no such page').waitFor()],
];

describe.each([
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 360 },
] as const)('$theme, $width pixels wide', ({ theme, width }) => {
  it.each(pages)('%s: axe-core finds nothing, and nothing is cut off', async (name, path, ready) => {
    const page = await visit(path(), { theme, width, person });
    await ready(page);
    await picture(page, `${name.replaceAll(' ', '-')}-${theme}-${width}`);
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  it('dialogs and problems: axe-core finds nothing, and nothing is cut off', async () => {
    const car = await registerCar(1);
    const page = await visit(`/app/rentcar/?name=${car.carName}`, { theme, width, person });
    await page.getByRole('button', { name: 'Anna' }).click();
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await choose(page, car.carName);
    await page.context().setOffline(true);
    await reserveButton(page).click();
    await page.getByRole('alert').waitFor();
    await picture(page, `problem-${theme}-${width}`);
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });
});

it('nothing moves for those who want nothing to move', async () => {
  const page = await visit(`/app/rentcar/reservations/${reservationId}`, { person });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.getByText('Live', { exact: true }).waitFor();
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
});
