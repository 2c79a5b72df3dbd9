import { cars } from '../api/clients.ts';
import { usePages } from '../api/use-pages.ts';
import { FirstCar } from '../customer/first-car.tsx';
import { Stock } from '../customer/stock.tsx';
import { Page } from '../shell/page.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { RegisterForm } from './register-form.tsx';

/** The cars that are offered, and the form that adds one. */
export function ManageCarsPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await cars.listCars({ pageToken }, { signal });
    return { items: page.cars, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page
      title="Cars"
      lead="A car is offered as soon as it is registered. Its stock then follows reservations, cancellations and completed uses by itself."
    >
      <RegisterForm onRegistered={pages.reload} />
      <ListTable
        pages={pages}
        caption="Registered cars, oldest first"
        showsCaption
        columns={['Name', 'In stock', 'Car id', 'More']}
        row={(car) => (
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
        )}
        empty={<FirstCar onRegistered={pages.reload} />}
      />
    </Page>
  );
}
