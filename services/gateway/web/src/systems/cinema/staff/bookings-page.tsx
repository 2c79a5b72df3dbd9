import { type Booking, Booking_Status } from '#proto/es/cinema/cinema/v1/cinema_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { ShortId } from '../../../ui/short-id.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { bookings } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { showTime } from '../programme.ts';
import { wordOfBooking } from '../statuses.ts';

const statuses = choices(Booking_Status.STATUS_UNSPECIFIED, {
  RESERVED: [Booking_Status.RESERVED, 'Reserved'],
  CANCELLED: [Booking_Status.CANCELLED, 'Cancelled'],
});

/** What the cinema keeps for paid tickets. */
export function BookingsPage() {
  return (
    <Page title="Bookings" lead="An event makes a booking of every paid ticket, and cancels it after a refund.">
      <EntityList
        place={at('staff/bookings')}
        caption="Bookings"
        icon={icon}
        texts={{ film: 'Film', reservation: 'Reservation id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, cinemaNo: texts.film ?? '', reservationId: texts.reservation ?? '' };
          const page = await bookings.listBookings(request, { signal });
          return { items: page.bookings, nextPageToken: page.nextPageToken };
        }}
        columns={['Film', 'Customer', 'Reservation', 'Time', 'Made', 'Status']}
        row={(each) => <Row key={each.bookingId} booking={each} />}
        empty={<None />}
        noMatch="No booking is like this"
      />
    </Page>
  );
}

function Row({ booking }: { booking: Booking }) {
  const { reservationId, cinemaNo, userId, time, createTime, status } = booking;
  const word = wordOfBooking(status);
  return (
    <TableRow status={status}>
      <th scope="row">{cinemaNo}</th>
      <td data-label="Customer">{userId}</td>
      <td data-label="Reservation">
        <a href={at(`reservations/${reservationId}`)}>
          <ShortId id={reservationId} />
        </a>
      </td>
      <td data-label="Time">{showTime(time)}</td>
      <td data-label="Made">{moment(createTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
    </TableRow>
  );
}

function None() {
  return (
    <Empty icon={icon} title="There are no bookings">
      <p>
        Bookings follow from payments: <a href={at()}>reserve a ticket</a>. The booking appears within a second, or later if the cinema
        service is stopped:
      </p>
      <Command>npm run service -- stop cinema/cinema-1</Command>
    </Empty>
  );
}
