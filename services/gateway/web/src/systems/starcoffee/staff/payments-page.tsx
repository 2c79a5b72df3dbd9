import { type Payment, Payment_Status } from '#proto/es/starcoffee/payment/v1/payment_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { RowAction } from '../../../ui/row-action.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { payments } from '../clients.ts';
import { icon } from '../icon.ts';
import { coffeeName, won } from '../menu.ts';
import { at } from '../paths.ts';
import { wordOfPayment } from '../statuses.ts';
import { RefundDialog } from './refund-dialog.tsx';

const statuses = choices(Payment_Status.STATUS_UNSPECIFIED, {
  APPROVED: [Payment_Status.APPROVED, 'Paid'],
  CANCELLED: [Payment_Status.CANCELLED, 'Refunded'],
});

/** All payments, and the button that refunds one. */
export function PaymentsPage() {
  return (
    <Page title="Payments" lead="Every payment, oldest first. A coffee that is not made is stopped by its refund.">
      <EntityList
        place={at('staff')}
        caption="Payments"
        icon={icon}
        texts={{ order: 'Order id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const page = await payments.listPayments({ pageToken, status, orderId: texts.order ?? '' }, { signal });
          return { items: page.payments, nextPageToken: page.nextPageToken };
        }}
        columns={['Order', 'Customer', 'Price', 'Paid', 'Status', 'Action']}
        row={(each, pages) => (
          <Row
            key={each.paymentId}
            payment={each}
            onRefunded={(refunded) => pages.replace(({ paymentId }) => paymentId === refunded.paymentId, refunded)}
          />
        )}
        empty={
          <Empty icon={icon} title="There are no payments">
            <p>
              <a href={at()}>Order a coffee</a> as a customer, or from a terminal:
            </p>
            <Command>{`curl ${location.origin}/starcoffee/orders -d '{"userId":"AAA","menuId":"latte","price":5000}'`}</Command>
          </Empty>
        }
        noMatch="No payment is like this"
      />
    </Page>
  );
}

function Row({ payment, onRefunded }: { payment: Payment; onRefunded: (payment: Payment) => void }) {
  const { orderId, menuId, userId, price, createTime, status } = payment;
  const word = wordOfPayment(status);
  return (
    <TableRow status={status}>
      <th scope="row">
        <a href={at(`orders/${orderId}`)}>{coffeeName(menuId)}</a>
      </th>
      <td data-label="Customer">{userId}</td>
      <td data-label="Price">{won(price)}</td>
      <td data-label="Paid">{moment(createTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
      <td>
        {status === Payment_Status.APPROVED && (
          <RowAction<Payment>
            name="Refund"
            of={`${coffeeName(menuId)} of ${userId}`}
            dialog={({ onClose, done }) => <RefundDialog payment={payment} onClose={onClose} onRefunded={done} />}
            onDone={onRefunded}
          />
        )}
      </td>
    </TableRow>
  );
}
