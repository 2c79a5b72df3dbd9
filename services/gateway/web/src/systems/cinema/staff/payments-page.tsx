import { type Payment, Payment_Status } from '#proto/es/cinema/payment/v1/payment_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { ShortId } from '../../../ui/short-id.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { payments } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { won } from '../programme.ts';
import { wordOfPayment } from '../statuses.ts';

const statuses = choices(Payment_Status.STATUS_UNSPECIFIED, {
  COMPLETED: [Payment_Status.COMPLETED, 'Completed'],
  REFUNDED: [Payment_Status.REFUNDED, 'Refunded'],
});

/** Payments of reservations. */
export function PaymentsPage() {
  return (
    <Page title="Payments" lead="A ticket is paid before it is reserved, and refunded after a cancellation.">
      <EntityList
        place={at('staff/payments')}
        caption="Payments"
        icon={icon}
        texts={{ reservation: 'Reservation id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, reservationId: texts.reservation ?? '' };
          const page = await payments.listPayments(request, { signal });
          return { items: page.payments, nextPageToken: page.nextPageToken };
        }}
        columns={['Film', 'Customer', 'Reservation', 'Price', 'Made', 'Status']}
        row={(each) => <Row key={each.paymentId} payment={each} />}
        empty={<None />}
        noMatch="No payment is like this"
      />
    </Page>
  );
}

function Row({ payment }: { payment: Payment }) {
  const { reservationId, cinemaNo, userId, price, createTime, status } = payment;
  const word = wordOfPayment(status);
  return (
    <TableRow status={status}>
      <th scope="row">{cinemaNo}</th>
      <td data-label="Customer">{userId}</td>
      <td data-label="Reservation">
        <a href={at(`reservations/${reservationId}`)}>
          <ShortId id={reservationId} />
        </a>
      </td>
      <td data-label="Price">{won(price)}</td>
      <td data-label="Made">{moment(createTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
    </TableRow>
  );
}

function None() {
  return (
    <Empty icon={icon} title="There are no payments">
      <p>
        Payments follow from reservations: <a href={at()}>reserve a ticket</a>. While the payment service is stopped, nothing is reserved:
      </p>
      <Command>npm run service -- stop cinema/payment-1</Command>
    </Empty>
  );
}
