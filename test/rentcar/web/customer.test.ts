import { afterEach, describe, expect, it } from 'vitest';
import { each, range } from '../../support/eventually.ts';
import { control } from '../../support/instance.ts';
import { mypageBecomes, patiently, qtyBecomes, registerCar, reserve, unique } from '../../support/rentcar.ts';
import { rest } from '../../support/rest.ts';
import { violations } from '../../web/support/axe.ts';
import { picture, useBrowser } from '../../web/support/browser.ts';
import { countBecomes, statusBecomes } from '../../web/support/page.ts';
import { choose, reservationsOf, reserveButton, somebody } from './support.ts';

const visit = useBrowser();
const reserving = '**/rentcar.reservation.v1.ReservationService/ReserveCar';

describe('a customer', () => {
  it('finds a car, reserves it, sees it set aside without doing anything, and cancels', async () => {
    const { carId, carName } = await registerCar(3);
    const { userId, userName } = somebody();
    const page = await visit('/app/rentcar/');
    await page.getByLabel('Name').fill(carName);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('listitem').filter({ hasText: carName }).getByText('3 cars in stock').waitFor();
    await picture(page, 'cars');
    await choose(page, carName);
    await page.getByLabel('Your user id').fill(userId);
    await page.getByLabel('Your name').fill(userName);
    await page.getByLabel('Day').fill('2030-05-17');
    await picture(page, 'reserve');
    await reserveButton(page).click();

    await page.getByRole('heading', { name: `Your reservation of ${carName}` }).waitFor();
    await statusBecomes(page, 'A car is set aside.');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('17 May 2030').waitFor();
    await picture(page, 'reservation');
    const [reservation] = await reservationsOf(userId);
    expect(reservation).toMatchObject({ carId, userName, reservedDate: '2030-05-17', status: 'RESERVED' });

    await page.getByRole('button', { name: 'Cancel this reservation' }).click();
    await page.getByRole('button', { name: 'Cancel the reservation' }).click();
    await statusBecomes(page, 'This reservation was cancelled. The car is free for others again.');
    await qtyBecomes(carId, 3);
  });

  it('sees what somebody else does with the reservation, at once and in words for a screen reader', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    await mypageBecomes(reservationId, 'ALLOCATED');
    const page = await visit(`/app/rentcar/reservations/${reservationId}`);
    await page.getByText('Live', { exact: true }).waitFor();
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    await page.getByRole('status').getByText('This reservation was cancelled').waitFor();
    await statusBecomes(page, 'Cancelled');
  });

  it('finds the own reservations again, under the name that was given', async () => {
    const { carId, carName } = await registerCar(1);
    const { userId } = somebody();
    const page = await visit('/app/rentcar/reservations');
    await page.getByRole('button', { name: 'Say who I am' }).click();
    await page.getByLabel('User id').fill(userId);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Nothing is reserved yet' }).waitFor();
    const { reservationId } = await reserve({ carId, userId });
    await mypageBecomes(reservationId, 'ALLOCATED');
    await page.reload();
    await page.getByRole('link', { name: carName }).click();
    await statusBecomes(page, 'Car set aside');
  });

  it('gets a long list page by page', async () => {
    const carName = unique('MANY');
    await each(range(21), 5, () => registerCar(1, carName));
    const page = await visit(`/app/rentcar/?name=${carName}`);
    await page.getByRole('button', { name: 'Show more' }).click();
    await countBecomes(page.getByRole('button', { name: `Reserve ${carName}` }), 21);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  });
});

describe('one attempt makes one reservation', () => {
  it('however often the button is pressed', async () => {
    const { carId, carName } = await registerCar(5);
    const person = somebody();
    const page = await visit(`/app/rentcar/?name=${carName}`, { person });
    await choose(page, carName);
    await reserveButton(page).dblclick();
    await page.getByRole('heading', { name: `Your reservation of ${carName}` }).waitFor();
    expect(await reservationsOf(person.userId)).toHaveLength(1);
    await qtyBecomes(carId, 4);
  });

  it('also if its answer was lost and it is sent again', async () => {
    const { carName } = await registerCar(5);
    const person = somebody();
    const page = await visit(`/app/rentcar/?name=${carName}`, { person });
    await choose(page, carName);
    await page.route(
      reserving,
      async (route) => {
        await route.fetch();
        await route.abort('connectionreset');
      },
      { times: 1 },
    );
    await reserveButton(page).click();
    await page.getByRole('alert').getByText('The system cannot be reached.').waitFor();
    expect(await reservationsOf(person.userId)).toHaveLength(1);
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('heading', { name: `Your reservation of ${carName}` }).waitFor();
    expect(await reservationsOf(person.userId)).toHaveLength(1);
  });

  it('and if it was changed in between, the first is shown instead of a second one', async () => {
    const { carName } = await registerCar(5);
    const person = somebody();
    const page = await visit(`/app/rentcar/?name=${carName}`, { person });
    await choose(page, carName);
    await page.route(
      reserving,
      async (route) => {
        await route.fetch();
        await route.abort('connectionreset');
      },
      { times: 1 },
    );
    await reserveButton(page).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Day').fill('2030-05-17');
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('alert').getByText('Your first attempt did go through.').waitFor();
    await page.getByRole('link', { name: 'See the reservation' }).click();
    await statusBecomes(page, 'Car set aside');
    expect(await reservationsOf(person.userId)).toHaveLength(1);
  });
});

describe('when it does not work, the customer is told why and what to do', () => {
  const stopped = new Set<string>();
  async function stop(name: string): Promise<void> {
    stopped.add(name);
    await control.stop(name);
  }
  async function start(name: string): Promise<void> {
    await control.start(name);
    stopped.delete(name);
  }
  // A test that failed must not take the others with it.
  afterEach(async () => {
    for (const name of stopped) await start(name);
  });

  it('the last car went to somebody else', async () => {
    const { carId, carName } = await registerCar(1);
    const person = somebody();
    const page = await visit(`/app/rentcar/?name=${carName}`, { person });
    await page.getByText('Last one').waitFor();
    await choose(page, carName);
    await reserve({ carId });
    await reserveButton(page).click();
    await page.getByRole('alert').getByText('This car is out of stock.').waitFor();
    await picture(page, 'out-of-stock');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Out of stock', { exact: true }).waitFor();
    expect(await reservationsOf(person.userId)).toEqual([]);
  });

  it('the car service is down: nothing is reserved, and the same button works when it is back', async () => {
    const { carId, carName } = await registerCar(2);
    const person = somebody();
    const page = await visit(`/app/rentcar/?name=${carName}`, { person });
    await choose(page, carName);
    await stop('rentcar/car-1');
    await reserveButton(page).click();
    await page.getByRole('alert').getByText('The stock could not be checked, so nothing was reserved.').waitFor();
    await picture(page, 'car-service-down');
    await start('rentcar/car-1');
    await patiently(() => rest('GET', `/rentcar/cars/${carId}`));
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('heading', { name: `Your reservation of ${carName}` }).waitFor();
    const made = await reservationsOf(person.userId);
    expect(made.filter(({ status }) => status === 'RESERVED')).toHaveLength(1);
    await qtyBecomes(carId, 1);
  });

  it('a field that the system refuses is marked, with what is wrong', async () => {
    const { carName } = await registerCar(1);
    const page = await visit(`/app/rentcar/?name=${carName}`, { person: somebody() });
    await choose(page, carName);
    const name = page.getByRole('dialog').getByLabel('Your name');
    // Else the browser refuses such a name itself.
    await name.evaluate((input) => input.removeAttribute('maxlength'));
    await name.fill('x'.repeat(101));
    await reserveButton(page).click();
    await page.getByRole('alert').getByText('Something in the form is not right.').waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    expect(await name.getAttribute('aria-describedby')).toMatch(/-error$/);
    expect(await violations(page)).toEqual([]);
  });

  it('the network is away, and comes back', async () => {
    const { carName } = await registerCar(1);
    const person = somebody();
    const page = await visit(`/app/rentcar/?name=${carName}`, { person });
    await choose(page, carName);
    await page.context().setOffline(true);
    await reserveButton(page).click();
    await page.getByRole('alert').getByText('The system cannot be reached.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('heading', { name: `Your reservation of ${carName}` }).waitFor();
  });

  it('the view of reservations is down: the page says that it is not live, and catches up by itself', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    await mypageBecomes(reservationId, 'ALLOCATED');
    const page = await visit(`/app/rentcar/reservations/${reservationId}`);
    await page.getByText('Live', { exact: true }).waitFor();
    await stop('rentcar/mypage-1');
    await page.getByText('Connecting again…').waitFor();
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    await start('rentcar/mypage-1');
    await statusBecomes(page, 'Cancelled');
  });

  it('a reservation does not exist', async () => {
    const page = await visit('/app/rentcar/reservations/019f0000-0000-7000-8000-000000000000');
    await page.getByRole('alert').getByText('There is no such reservation.').waitFor();
  });
});
