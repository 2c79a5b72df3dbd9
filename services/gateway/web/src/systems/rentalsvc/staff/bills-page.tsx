import { Bill_Status } from '#proto/es/rentalsvc/billing/v1/billing_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { count, moment } from '../../../ui/format.ts';
import { ShortId } from '../../../ui/short-id.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { bills } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfBill } from '../statuses.ts';

const statuses = choices(Bill_Status.STATUS_UNSPECIFIED, {
  RECEIVED: [Bill_Status.RECEIVED, 'Received'],
  REFUNDED: [Bill_Status.REFUNDED, 'Refunded'],
});

/** An event receives the fee of every order, and another refunds it. */
export function BillsPage() {
  return (
    <Page title="Bills" lead="An event receives the fee of every order, and another refunds it.">
      <EntityList
        place={at('staff/bills')}
        caption="Bills"
        icon="clock"
        texts={{ order: 'Order id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const page = await bills.listBills({ pageToken, status, orderId: texts.order ?? '' }, { signal });
          return { items: page.bills, nextPageToken: page.nextPageToken };
        }}
        columns={['Customer', 'Order', 'Fee', 'Made', 'Changed', 'Status']}
        row={({ billId, orderId, userId, amount, createTime, updateTime, status }) => (
          <TableRow key={billId} status={status}>
            <th scope="row">{userId}</th>
            <td data-label="Order">
              <a href={at(`orders/${orderId}`)}>
                <ShortId id={orderId} />
              </a>
            </td>
            <td data-label="Fee">{count(amount, 'won', 'won')}</td>
            <td data-label="Made">{moment(createTime)}</td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfBill(status).tone}>{wordOfBill(status).name}</Status>
            </td>
          </TableRow>
        )}
        empty={
          <Empty icon="clock" title="There are no bills">
            <p>
              <a href={at()}>Rent a product</a> as a customer.
            </p>
          </Empty>
        }
        noMatch="No bill is like this"
      />
    </Page>
  );
}
