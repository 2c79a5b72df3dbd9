import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { CreateForm } from '../../../ui/create-form.tsx';
import { count } from '../../../ui/format.ts';
import { ListTable } from '../../../ui/list-table.tsx';
import { cars } from '../clients.ts';
import { FirstCar } from '../first-car.tsx';
import { at } from '../paths.ts';
import { Stock } from '../stock.tsx';

/** The cars on offer, and the form that registers one. */
export function ManageCarsPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await cars.listCars({ pageToken }, { signal });
    return { items: page.cars, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page
      title="Cars"
      lead="A car is on offer once it is registered. Its stock then follows reservations, cancellations and completed uses."
    >
      <CreateForm
        title="Register a car"
        fields={[
          { name: 'carName', label: 'Name', required: true, maxLength: 100, pattern: '.*\\S.*', autocomplete: 'off' },
          { name: 'qty', label: 'Quantity', type: 'number', min: '0', max: '1000000', required: true },
        ]}
        act="Register"
        busyAct="Registering…"
        create={async ({ carName = '', qty }, options) => (await cars.registerCar({ carName, qty: Number(qty) }, options)).car}
        done={(car) => {
          pages.reload();
          return `${car?.carName} is registered, ${count(car?.qty ?? 0, 'car')} in stock.`;
        }}
      />
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
              <a href={at(`manage/reservations?car=${car.carId}`)}>
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
