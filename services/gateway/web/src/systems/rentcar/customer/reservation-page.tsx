import { useRoute } from 'preact-iso';
import { Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { type Reservation, Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { person } from '../../../shell/person.ts';
import { Facts } from '../../../ui/facts.tsx';
import { day, moment } from '../../../ui/format.ts';
import { LivePage } from '../../../ui/live-page.tsx';
import { LoadedPage } from '../../../ui/loaded-page.tsx';
import { RejectedPage } from '../../../ui/rejected-page.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { mypages, reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { isOver, stepsOf, wordOfMypage, wordOfReservation } from '../statuses.ts';

/** One reservation, live. */
export function ReservationPage() {
  const reservationId = useRoute().params.id ?? '';
  return (
    <LoadedPage
      id={reservationId}
      load={async (signal) => (await reservations.getReservation({ reservationId }, { signal })).reservation}
      title="Reservation"
      all={{ path: at('reservations'), text: 'All my reservations' }}
    >
      {(reservation) =>
        reservation.status === Reservation_Status.REJECTED ? <Rejected reservation={reservation} /> : <Live reservation={reservation} />
      }
    </LoadedPage>
  );
}

function Live({ reservation }: { reservation: Reservation }) {
  const { reservationId } = reservation;
  return (
    <LivePage
      id={reservationId}
      title={titleOf(reservation)}
      method="MypageService.WatchMypage"
      open={(resumeToken, signal) => mypages.watchMypage({ reservationId, resumeToken }, { signal, timeoutMs: 0 })}
      stateOf={({ mypage }) => mypage}
      progressOf={(mypage) => {
        const status = mypage?.status ?? firstStatus(reservation.status);
        return { word: wordOfMypage(status), steps: stepsOf(status), isOver: isOver(status) };
      }}
      wordOf={({ status }) => wordOfMypage(status).name}
      action="Cancel this reservation"
      dialog={(onClose) => <CancelDialog reservation={reservation} onClose={onClose} onCancelled={onClose} />}
    >
      {() => <Details reservation={reservation} />}
    </LivePage>
  );
}

/** Anybody may open the reservation of another user. */
function titleOf({ carName, userId, userName }: Reservation): string {
  const what = carName || 'a car';
  return person.value?.userId === userId ? `Your reservation of ${what}` : `Reservation of ${what} for ${userName || userId}`;
}

/** The status until the first state of the view arrives. */
function firstStatus(status: Reservation_Status): Mypage_Status {
  if (status === Reservation_Status.CANCELLED) return Mypage_Status.CANCELLED;
  if (status === Reservation_Status.COMPLETED) return Mypage_Status.COMPLETED;
  return Mypage_Status.RESERVED;
}

function Rejected({ reservation }: { reservation: Reservation }) {
  return (
    <RejectedPage
      title="This reservation was rejected"
      word={wordOfReservation(reservation.status)}
      retry={{ path: at(), text: 'Find a car and try again' }}
    >
      <Details reservation={reservation} />
    </RejectedPage>
  );
}

function Details({ reservation }: { reservation: Reservation }) {
  const { carName, userId, userName, reservedDate, createTime, reservationId } = reservation;
  return (
    <Facts
      facts={{
        Car: carName || 'Not known',
        Day: reservedDate === '' ? 'No day was given' : day(reservedDate),
        For: userName === '' ? userId : `${userName} (${userId})`,
        Made: moment(createTime),
        'Reservation id': <code>{reservationId}</code>,
      }}
    />
  );
}
