import { createClient } from '@connectrpc/connect';
import { Reservation_Status, ReservationService } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { transport } from '../../api/transport.ts';
import { usePages } from '../../api/use-pages.ts';
import { Page } from '../../shell/page.tsx';
import type { SystemPages } from '../../shell/systems.ts';
import { Empty } from '../../ui/empty.tsx';
import { ListTable } from '../../ui/list-table.tsx';

const reservations = createClient(ReservationService, transport);

/** All reservations, oldest first. */
function ReservationsPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await reservations.listReservations({ pageToken }, { signal });
    return { items: page.reservations, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="All reservations">
      <ListTable
        pages={pages}
        caption="All reservations, oldest first"
        columns={['Film', 'Time', 'Status']}
        row={({ reservationId, cinemaNo, time, status }) => (
          <tr key={reservationId}>
            <th scope="row">{cinemaNo}</th>
            <td data-label="Time">{time}</td>
            <td data-label="Status">{Reservation_Status[status]}</td>
          </tr>
        )}
        empty={<Empty icon="clock" title="There are no reservations" />}
      />
    </Page>
  );
}

const pages: SystemPages = {
  areas: [{ href: '/app/cinema/', name: 'Cinema', places: [{ href: '/app/cinema/', name: 'All reservations' }] }],
  routes: { '': ReservationsPage },
  problems: {},
};

export default pages;
