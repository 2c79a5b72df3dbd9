import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { type Mypage, Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { type Reservation, Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { useLoad } from '../../../api/use-load.ts';
import { useWatch } from '../../../api/use-watch.ts';
import { Page } from '../../../shell/page.tsx';
import { person } from '../../../shell/person.ts';
import { Facts } from '../../../ui/facts.tsx';
import { day, moment } from '../../../ui/format.ts';
import { Journal } from '../../../ui/journal.tsx';
import { LivePanel } from '../../../ui/live-panel.tsx';
import { Loading } from '../../../ui/more.tsx';
import { ProblemBox } from '../../../ui/problem-box.tsx';
import { Status } from '../../../ui/status.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { mypages, reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { isOver, stepsOf, wordOfMypage, wordOfReservation } from '../statuses.ts';

/** One reservation, live. */
export function ReservationPage() {
  const reservationId = useRoute().params.id ?? '';
  const loaded = useLoad(async (signal) => (await reservations.getReservation({ reservationId }, { signal })).reservation, [reservationId]);
  const reservation = loaded.value;
  if (reservation === undefined)
    return (
      <Page title="Reservation">
        {loaded.problem === undefined ? <Loading /> : <ProblemBox problem={loaded.problem} onRetry={loaded.reload} />}
        <p>
          <a href={at('reservations')}>All my reservations</a>
        </p>
      </Page>
    );
  if (reservation.status === Reservation_Status.REJECTED) return <Rejected reservation={reservation} />;
  return <Live reservation={reservation} />;
}

function Live({ reservation }: { reservation: Reservation }) {
  const { reservationId } = reservation;
  const [cancelling, setCancelling] = useState(false);
  const { arrivals, following } = useWatch(reservationId, {
    open: (resumeToken, signal) => mypages.watchMypage({ reservationId, resumeToken }, { signal, timeoutMs: 0 }),
    stateOf: ({ mypage }) => mypage,
    isLast: ({ status }: Mypage) => isOver(status),
  });
  const status = arrivals.at(-1)?.state.status ?? firstStatus(reservation.status);
  return (
    <Page title={titleOf(reservation)}>
      <div class="split">
        <LivePanel
          word={wordOfMypage(status)}
          steps={stepsOf(status)}
          following={following}
          isOver={isOver(status)}
          arrived={arrivals.length}
          hasDialog={cancelling}
        >
          <button type="button" aria-haspopup="dialog" onClick={() => setCancelling(true)}>
            Cancel this reservation
          </button>
        </LivePanel>
        <div>
          <Details reservation={reservation} />
          <Journal arrivals={arrivals} method="MypageService.WatchMypage" wordOf={(mypage) => wordOfMypage(mypage.status).name} />
        </div>
      </div>
      {cancelling && (
        <CancelDialog reservation={reservation} onClose={() => setCancelling(false)} onCancelled={() => setCancelling(false)} />
      )}
    </Page>
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
  const word = wordOfReservation(reservation.status);
  return (
    <Page title="This reservation was rejected">
      <section class="panel" aria-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
        <p class="meaning">{word.meaning}</p>
        <p>
          <a href={at()}>Find a car and try again</a>
        </p>
      </section>
      <Details reservation={reservation} />
    </Page>
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
