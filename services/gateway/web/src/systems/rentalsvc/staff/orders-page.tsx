import { Order_Status } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { count, moment } from '../../../ui/format.ts';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { orders } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfOrder } from '../statuses.ts';

const statuses = choices(Order_Status.STATUS_UNSPECIFIED, {
  REQUESTED: [Order_Status.REQUESTED, 'Requested'],
  CONFIRMED: [Order_Status.CONFIRMED, 'Confirmed'],
  SHORT: [Order_Status.SHORT, 'Out of stock'],
  CANCELLED: [Order_Status.CANCELLED, 'Cancelled'],
});

/** All orders, by customer, product and status. */
export function ManageOrdersPage() {
  return (
    <Page title="Orders" lead="Every order, oldest first.">
      <EntityList
        place={at('staff/orders')}
        caption="Orders"
        icon="clock"
        texts={{ user: 'User id', product: 'Product id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, userId: texts.user ?? '', productId: texts.product ?? '' };
          const page = await orders.listOrders(request, { signal });
          return { items: page.orders, nextPageToken: page.nextPageToken };
        }}
        columns={['Customer', 'Product', 'Quantity', 'Fee', 'Made', 'Status']}
        row={({ orderId, userId, productId, qty, amount, createTime, status }) => (
          <TableRow key={orderId} status={status}>
            <th scope="row">
              <a href={at(`orders/${orderId}`)}>{userId}</a>
            </th>
            <td data-label="Product">{productId}</td>
            <td data-label="Quantity">{qty}</td>
            <td data-label="Fee">{count(amount, 'won', 'won')}</td>
            <td data-label="Made">{moment(createTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfOrder(status).tone}>{wordOfOrder(status).name}</Status>
            </td>
          </TableRow>
        )}
        empty={
          <Empty icon="clock" title="There are no orders">
            <p>
              <a href={at()}>Rent a product</a> as a customer.
            </p>
          </Empty>
        }
        noMatch="No order is like this"
      />
    </Page>
  );
}
