import { useState } from 'preact/hooks';
import type { Inventory } from '#proto/es/rentalsvc/inventory/v1/inventory_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { More } from '../../../ui/more.tsx';
import { inventories } from '../clients.ts';
import { icon } from '../icon.ts';
import { Stock } from '../stock.tsx';
import { RentDialog } from './rent-dialog.tsx';

/** Products to rent. */
export function ProductsPage() {
  const [chosen, setChosen] = useState<Inventory>();
  const pages = usePages(async (pageToken, signal) => {
    const page = await inventories.listInventories({ pageToken }, { signal });
    return { items: page.inventories, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="Rent a product" lead="Choose a product. Its stock is taken by an event, a moment after the order is accepted.">
      <ul class="cards" aria-busy={pages.busy} aria-label="Products">
        {pages.items?.map((product) => (
          <li key={product.productId} class="card">
            <Icon name={icon} />
            <h2>{product.productName}</h2>
            <p class="body">
              <Stock qty={product.qty} />
            </p>
            {/* More than there is can be requested: the order is then cancelled by the shortage. */}
            <button type="button" class="act primary" aria-haspopup="dialog" onClick={() => setChosen(product)}>
              Rent<span class="unseen"> {product.productName}</span>
            </button>
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {chosen !== undefined && (
        <RentDialog
          product={chosen}
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
