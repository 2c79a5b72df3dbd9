import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Car } from '#proto/es/rentcar/car/v1/car_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { announce } from '../../../shell/announce.tsx';
import { Page } from '../../../shell/page.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { count } from '../../../ui/format.ts';
import { Icon } from '../../../ui/icon.tsx';
import { More } from '../../../ui/more.tsx';
import { cars } from '../clients.ts';
import { FirstCar } from '../first-car.tsx';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { Stock } from '../stock.tsx';
import { ReserveDialog } from './reserve-dialog.tsx';

/** Cars to reserve, by name and stock. The address keeps the search. */
export function CarsPage() {
  const { query, route } = useLocation();
  const carName = query.name ?? '';
  const inStock = query.stock === 'yes';
  const [chosen, setChosen] = useState<Car>();
  const pages = usePages(
    async (pageToken, signal) => {
      const page = await cars.listCars({ pageToken, carName, inStock }, { signal });
      return { items: page.cars, nextPageToken: page.nextPageToken };
    },
    [carName, inStock],
  );
  const { items } = pages;
  const filtered = carName !== '' || inStock;
  useEffect(() => {
    if (filtered && items !== undefined) announce(`${count(items.length, 'kind')} of car found.`);
  }, [items]);
  const show = (name: string, stock: boolean) => {
    const asked = new URLSearchParams({ ...(name !== '' && { name }), ...(stock && { stock: 'yes' }) }).toString();
    route(at(asked === '' ? '' : `?${asked}`));
  };
  return (
    <Page title="Find a car" lead="Choose a car and reserve it. The stock is checked at that moment, through the mesh.">
      <Search key={carName} name={carName} inStock={inStock} onSearch={show} />
      <ul class="cards" aria-busy={pages.busy} aria-label="Cars">
        {items?.map((car) => (
          <li key={car.carId} class="card">
            <Icon name={icon} />
            <h2>{car.carName}</h2>
            <p class="body">
              <Stock qty={car.qty} />
            </p>
            {car.qty > 0 ? (
              <button type="button" class="act primary" aria-haspopup="dialog" onClick={() => setChosen(car)}>
                Reserve<span class="unseen"> {car.carName}</span>
              </button>
            ) : (
              <p class="act quiet">Look again when somebody has brought one back.</p>
            )}
          </li>
        ))}
      </ul>
      {items?.length === 0 && (filtered ? <NothingFound name={carName} /> : <FirstCar onRegistered={pages.reload} />)}
      <More pages={pages} />
      {chosen !== undefined && (
        <ReserveDialog
          car={chosen}
          onClose={() => {
            setChosen(undefined);
            // The stock may have changed.
            pages.reload();
          }}
        />
      )}
    </Page>
  );
}

function Search({ name, inStock, onSearch }: { name: string; inStock: boolean; onSearch: (name: string, inStock: boolean) => void }) {
  const [typed, setTyped] = useState(name);
  return (
    <search>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(typed.trim(), inStock);
        }}
      >
        <div class="field">
          <label for="car-name">Name</label>
          <input
            id="car-name"
            type="search"
            value={typed}
            maxLength={100}
            placeholder="The whole name, such as SONATA"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <button type="submit">Search</button>
        <label class="check">
          <input type="checkbox" checked={inStock} onChange={(event) => onSearch(typed.trim(), event.currentTarget.checked)} />
          Only what is in stock
        </label>
      </form>
    </search>
  );
}

function NothingFound({ name }: { name: string }) {
  return (
    <Empty icon={icon} title="No car is like this">
      <p>
        {name === ''
          ? 'Nothing is in stock at the moment.'
          : `The name has to be the whole name, with the same capitals: is “${name}” right?`}
      </p>
      <p>
        <a href={at()}>Show all cars</a>
      </p>
    </Empty>
  );
}
