import { Empty } from '../../../ui/empty.tsx';
import { count } from '../../../ui/format.ts';
import { OwnListPage } from '../../../ui/own-list-page.tsx';
import { totalViews } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfView } from '../statuses.ts';

/** The rentals of the user. */
export function OrdersPage() {
  return (
    <OwnListPage
      things="rentals"
      made="rented"
      load={async (userId, pageToken, signal) => {
        const page = await totalViews.listTotalViews({ pageToken, userId, pageSize: 100 }, { signal });
        return { items: page.totalViews, nextPageToken: page.nextPageToken };
      }}
      row={(view) => ({
        id: view.orderId,
        path: at(`orders/${view.orderId}`),
        what: `Product ${view.productId}`,
        detail: count(view.qty, 'piece'),
        word: wordOfView(view),
      })}
      empty={() => (
        <Empty icon="clock" title="Nothing is rented yet">
          <p>Your first rental appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              Rent a product
            </a>
          </p>
        </Empty>
      )}
    />
  );
}
