import { useRoute } from 'preact-iso';
import { type Information, Information_Status } from '#proto/es/cinema/information/v1/information_pb.ts';
import { type Reservation, Reservation_Status } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { person } from '../../../shell/person.ts';
import { Facts } from '../../../ui/facts.tsx';
import { moment } from '../../../ui/format.ts';
import { LivePage } from '../../../ui/live-page.tsx';
import { LoadedPage } from '../../../ui/loaded-page.tsx';
import { RejectedPage } from '../../../ui/rejected-page.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { informations, reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { showTime, won } from '../programme.ts';
import { isOver, stepsOf, wordOfInformation, wordOfReservation } from '../statuses.ts';
import { History } from './history.tsx';

/** One reservation, live. */
export function ReservationPage() {
  const reservationId = useRoute().params.id ?? '';
  return (
    <LoadedPage
      id={reservationId}
      load={async (signal) => (await reservations.getReservation({ reservationId }, { signal })).reservation}
      title="Reservation"
      all={{ path: at('reservations'), text: 'All my tickets' }}
    >
      {(reservation) =>
        reservation.status === Reservation_Status.REJECTED ? <Rejected reservation={reservation} /> : <Live reservation={reservation} />
      }
    </LoadedPage>
  );
}

function Live({ reservation }: { reservation: Reservation }) {
  const { reservationId } = reservation;
  const statusOf = (information: Information | undefined) => information?.status ?? firstStatus(reservation.status);
  return (
    <LivePage
      id={reservationId}
      title={titleOf(reservation)}
      method="InformationService.WatchInformation"
      open={(resumeToken, signal) => informations.watchInformation({ reservationId, resumeToken }, { signal, timeoutMs: 0 })}
      stateOf={({ information }) => information}
      progressOf={(information) => {
        const status = statusOf(information);
        return { word: wordOfInformation(status), steps: stepsOf(status), isOver: isOver(status) };
      }}
      wordOf={({ status }) => wordOfInformation(status).name}
      action="Cancel this reservation"
      isOffered={(information) => statusOf(information) < Information_Status.CANCELLED}
      dialog={(onClose) => <CancelDialog reservation={reservation} onClose={onClose} onCancelled={onClose} />}
    >
      {(information) => (
        <>
          <Details reservation={reservation} />
          <History states={information?.history ?? []} />
        </>
      )}
    </LivePage>
  );
}

/** Anybody may open the reservation of another user. */
function titleOf({ cinemaNo, userId }: Reservation): string {
  const what = cinemaNo || 'a film';
  return person.value?.userId === userId ? `Your ticket for ${what}` : `Ticket for ${what} of ${userId}`;
}

/** The status until the first state of the view arrives. */
function firstStatus(status: Reservation_Status): Information_Status {
  if (status === Reservation_Status.CANCELLED) return Information_Status.CANCELLED;
  if (status === Reservation_Status.RESERVED) return Information_Status.RESERVED;
  return Information_Status.REQUESTED;
}

function Rejected({ reservation }: { reservation: Reservation }) {
  return (
    <RejectedPage
      title="This reservation was rejected"
      word={wordOfReservation(reservation.status)}
      retry={{ path: at(), text: 'See the programme and try again' }}
    >
      <Details reservation={reservation} />
    </RejectedPage>
  );
}

function Details({ reservation }: { reservation: Reservation }) {
  const { cinemaNo, time, price, userId, createTime, reservationId } = reservation;
  return (
    <Facts
      facts={{
        Film: cinemaNo || 'Not known',
        Time: showTime(time) || 'Not known',
        Price: won(price),
        For: userId || 'Not known',
        Made: moment(createTime),
        'Reservation id': <code>{reservationId}</code>,
      }}
    />
  );
}
