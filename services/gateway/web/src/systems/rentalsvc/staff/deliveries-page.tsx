import { Delivery_Status } from '#proto/es/rentalsvc/logistics/v1/logistics_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { ShortId } from '../../../ui/short-id.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { deliveries } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfDelivery } from '../statuses.ts';

const statuses = choices(Delivery_Status.STATUS_UNSPECIFIED, {
  STARTED: [Delivery_Status.STARTED, 'Started'],
  RETRIEVED: [Delivery_Status.RETRIEVED, 'Retrieved'],
});

/** A delivery follows each fee, and a retrieval follows each refund. */
export function DeliveriesPage() {
  return (
    <Page title="Deliveries" lead="A delivery follows each fee, and a retrieval follows each refund.">
      <EntityList
        place={at('staff/deliveries')}
        caption="Deliveries"
        icon="clock"
        texts={{ order: 'Order id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const page = await deliveries.listDeliveries({ pageToken, status, orderId: texts.order ?? '' }, { signal });
          return { items: page.deliveries, nextPageToken: page.nextPageToken };
        }}
        columns={['Customer', 'Order', 'Made', 'Changed', 'Status']}
        row={({ deliveryId, orderId, userId, createTime, updateTime, status }) => (
          <TableRow key={deliveryId} status={status}>
            <th scope="row">{userId}</th>
            <td data-label="Order">
              <a href={at(`orders/${orderId}`)}>
                <ShortId id={orderId} />
              </a>
            </td>
            <td data-label="Made">{moment(createTime)}</td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfDelivery(status).tone}>{wordOfDelivery(status).name}</Status>
            </td>
          </TableRow>
        )}
        empty={
          <Empty icon="clock" title="There are no deliveries">
            <p>
              <a href={at()}>Rent a product</a> as a customer.
            </p>
          </Empty>
        }
        noMatch="No delivery is like this"
      />
    </Page>
  );
}
