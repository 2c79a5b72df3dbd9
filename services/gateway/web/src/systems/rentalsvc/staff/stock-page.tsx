import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { CreateForm } from '../../../ui/create-form.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { count, moment } from '../../../ui/format.ts';
import { ListTable } from '../../../ui/list-table.tsx';
import { inventories } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { Stock } from '../stock.tsx';

const text = { required: true, pattern: '.*\\S.*', autocomplete: 'off' } as const;

/** The products and their stock, and the form that adds one. */
export function StockPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await inventories.listInventories({ pageToken }, { signal });
    return { items: page.inventories, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="Stock" lead="The stock follows rentals and cancellations by events.">
      <CreateForm
        title="Add a product"
        fields={[
          { ...text, name: 'productId', label: 'Id', maxLength: 32 },
          { ...text, name: 'productName', label: 'Name', maxLength: 100 },
          { name: 'qty', label: 'Quantity', type: 'number', min: '1', max: '10000', required: true },
        ]}
        act="Add"
        busyAct="Adding…"
        create={async ({ productId = '', productName = '', qty }, options) => {
          return (await inventories.addProduct({ productId, productName, qty: Number(qty) }, options)).inventory;
        }}
        done={(product) => {
          pages.reload();
          return `${product?.productName} is added, ${count(product?.qty ?? 0, 'piece')} in stock.`;
        }}
      />
      <ListTable
        pages={pages}
        caption="Products, oldest first"
        showsCaption
        columns={['Name', 'Id', 'In stock', 'Changed', 'More']}
        row={({ productId, productName, qty, updateTime }) => (
          <tr key={productId}>
            <th scope="row">{productName}</th>
            <td data-label="Id">
              <code>{productId}</code>
            </td>
            <td data-label="In stock">
              <Stock qty={qty} />
            </td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td>
              <a href={at(`staff/orders?product=${encodeURIComponent(productId)}`)}>
                Orders<span class="unseen"> of {productName}</span>
              </a>
            </td>
          </tr>
        )}
        empty={<Empty icon={icon} title="There is no product" />}
      />
    </Page>
  );
}
