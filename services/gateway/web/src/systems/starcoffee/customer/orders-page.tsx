import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { OwnListPage } from '../../../ui/own-list-page.tsx';
import { mypages } from '../clients.ts';
import { icon } from '../icon.ts';
import { coffeeName, won } from '../menu.ts';
import { at } from '../paths.ts';
import { wordOfMypage } from '../statuses.ts';

/** The orders of the user. */
export function OrdersPage() {
  return (
    <OwnListPage
      things="orders"
      made="ordered"
      load={async (userId, pageToken, signal) => {
        const page = await mypages.listMypages({ pageToken, userId, pageSize: 100 }, { signal });
        return { items: page.mypages, nextPageToken: page.nextPageToken };
      }}
      row={({ orderId, menuId, price, status }) => ({
        id: orderId,
        path: at(`orders/${orderId}`),
        what: coffeeName(menuId),
        detail: won(price),
        word: wordOfMypage(status),
      })}
      empty={(userId) => (
        <Empty icon={icon} title="Nothing is ordered yet">
          <p>Your first order appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              See the menu
            </a>
          </p>
          <Command>{`curl ${location.origin}/starcoffee/orders -d '{"userId":"${userId}","menuId":"latte","price":5000}'`}</Command>
        </Empty>
      )}
    />
  );
}
