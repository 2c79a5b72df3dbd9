import { describe, expect, it } from 'vitest';
import { each, range } from '../../support/eventually.ts';
import { type Car, qtyBecomes, registerCar, rentalBecomes, reservationOf, reserve, unique } from '../../support/rentcar.ts';
import { listAll } from '../../support/rest.ts';
import { picture, useBrowser } from '../../web/support/browser.ts';
import { countBecomes } from '../../web/support/page.ts';

const visit = useBrowser();

describe('a manager', () => {
  it('registers cars one after the other, each once', async () => {
    const names = [unique('CAR'), unique('CAR')];
    const page = await visit('/app/rentcar/manage');
    for (const name of names) {
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Quantity').fill('1200');
      await page.getByRole('button', { name: 'Register', exact: true }).dblclick();
      await page.getByRole('status').getByText(`${name} is registered, 1,200 cars in stock.`).waitFor();
    }
    for (const name of names)
      expect(await listAll<Car>('/rentcar/cars', 'cars', { car_name: name })).toEqual([expect.objectContaining({ qty: 1200 })]);
    await picture(page, 'manage-cars');
  });

  it('sees the reservations of a customer and cancels one', async () => {
    const { carId, carName } = await registerCar(2);
    const userId = unique('user');
    const { reservationId } = await reserve({ carId, userId });
    await reserve({ carId });
    const page = await visit('/app/rentcar/manage/reservations');
    await page.getByLabel('User id').fill(userId);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('status').getByText('1 entry shown.').waitFor();
    await picture(page, 'manage-reservations');
    await page.getByRole('button', { name: `Cancel ${carName} of ${userId}` }).click();
    await page.getByRole('button', { name: 'Cancel the reservation' }).click();
    await page.getByRole('cell', { name: 'Cancelled' }).waitFor();
    expect(await reservationOf(reservationId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('completes a use, and the car is back in stock', async () => {
    const { carId } = await registerCar(1);
    const userId = unique('user');
    const { reservationId } = await reserve({ carId, userId });
    await rentalBecomes(reservationId, 'ALLOCATED');
    const page = await visit(`/app/rentcar/manage/allocations?reservation=${reservationId}`);
    await picture(page, 'manage-allocations');
    await page.getByRole('button', { name: `Complete the use of ${userId}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Complete the use' }).click();
    await page.getByRole('cell', { name: 'Completed' }).waitFor();
    await qtyBecomes(carId, 1);
  });

  it('is told when a reservation was cancelled before its use could be completed', async () => {
    const { carId } = await registerCar(1);
    const { reservationId, userId } = await reserve({ carId });
    await rentalBecomes(reservationId, 'ALLOCATED');
    const page = await visit(`/app/rentcar/manage/allocations?reservation=${reservationId}`);
    await page.getByRole('button', { name: `Complete the use of ${userId}` }).click();
    const other = await visit(`/app/rentcar/manage/reservations?user=${userId}`);
    await other.getByRole('button', { name: /^Cancel/ }).click();
    await other.getByRole('button', { name: 'Cancel the reservation' }).click();
    await rentalBecomes(reservationId, 'CANCELLED');
    await page.getByRole('dialog').getByRole('button', { name: 'Complete the use' }).click();
    await page.getByRole('alert').getByText('This use cannot be completed.').waitFor();
  });

  it('keeps a filter in the address: it can be passed on, and the browser goes back to it', async () => {
    const { carId } = await registerCar(3);
    await each(range(2), 2, () => reserve({ carId }));
    const page = await visit(`/app/rentcar/manage/reservations?car=${carId}`);
    await countBecomes(page.getByRole('row'), 3);
    await page.getByLabel('Status').selectOption('Cancelled');
    await page.getByRole('heading', { name: 'No reservation is like this' }).waitFor();
    expect(new URL(page.url()).search).toBe(`?car=${carId}&status=CANCELLED`);
    await page.goBack();
    await countBecomes(page.getByRole('row'), 3);
  });
});
