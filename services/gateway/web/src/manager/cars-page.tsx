import { cars } from '../api/clients.ts';
import { usePages } from '../api/use-pages.ts';
import { FirstCar } from '../customer/first-car.tsx';
import { Stock } from '../customer/stock.tsx';
import { Page } from '../shell/page.tsx';
import { More } from '../ui/more.tsx';
import { RegisterForm } from './register-form.tsx';

/** The cars that are offered, and the form that adds one. */
export function ManageCarsPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await cars.listCars({ pageToken }, { signal });
    return { items: page.cars, nextPageToken: page.nextPageToken };
  }, []);
  const { items } = pages;
  return (
    <Page
      title="Cars"
      lead="A car is offered as soon as it is registered. Its stock then follows reservations, cancellations and completed uses by itself."
    >
      <RegisterForm onRegistered={pages.reload} />
      {items !== undefined && items.length > 0 && (
        <table aria-busy={pages.busy}>
          <caption>Registered cars, oldest first</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">In stock</th>
              <th scope="col">Car id</th>
              <th scope="col">More</th>
            </tr>
          </thead>
          <tbody>
            {items.map((car) => (
              <tr key={car.carId}>
                <th scope="row">{car.carName}</th>
                <td data-label="In stock">
                  <Stock qty={car.qty} />
                </td>
                <td data-label="Car id">
                  <code>{car.carId}</code>
                </td>
                <td>
                  <a href={`/app/manage/reservations?car=${car.carId}`}>
                    Reservations<span class="unseen"> of {car.carName}</span>
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {items?.length === 0 && <FirstCar onRegistered={pages.reload} />}
      <More pages={pages} />
    </Page>
  );
}
