import { useEffect, useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { type Reservation, Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { reservations } from '../api/clients.ts';
import { useLoad } from '../api/use-load.ts';
import { announce } from '../shell/announce.tsx';
import { Page } from '../shell/page.tsx';
import { person } from '../shell/person.ts';
import { day, moment } from '../ui/format.ts';
import { Loading } from '../ui/more.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Status } from '../ui/status.tsx';
import { useFocusKept } from '../ui/use-focus-kept.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { Connection } from './connection.tsx';
import { Journal } from './journal.tsx';
import { wordOfMypage, wordOfReservation } from './statuses.ts';
import { Steps } from './steps.tsx';
import { isOver, useMypage } from './use-mypage.ts';

/** One reservation, live: where it stands, how it got there, and what can be done. */
export function ReservationPage() {
  const reservationId = useRoute().params.id ?? '';
  const loaded = useLoad(async (signal) => (await reservations.getReservation({ reservationId }, { signal })).reservation, [reservationId]);
  const reservation = loaded.value;
  if (reservation === undefined)
    return (
      <Page title="Reservation">
        {loaded.problem === undefined ? <Loading /> : <ProblemBox problem={loaded.problem} onRetry={loaded.reload} />}
        <p>
          <a href="/app/reservations">All my reservations</a>
        </p>
      </Page>
    );
  if (reservation.status === Reservation_Status.REJECTED) return <Rejected reservation={reservation} />;
  return <Live reservation={reservation} />;
}

function Live({ reservation }: { reservation: Reservation }) {
  const [cancelling, setCancelling] = useState(false);
  const { arrivals, following } = useMypage(reservation.reservationId, true);
  const status = arrivals.at(-1)?.mypage.status ?? firstStatus(reservation.status);
  const word = wordOfMypage(status);
  const over = isOver(status);
  const panel = useRef<HTMLElement>(null);
  // The new status may arrive before the answer to the cancellation, while the dialog has the focus.
  useFocusKept(panel, over && !cancelling);
  useEffect(() => {
    // The first state is read with the page; what comes after it is news.
    if (arrivals.length > 1) announce(word.meaning);
  }, [status]);
  return (
    <Page title={titleOf(reservation)}>
      <div class="split">
        <section ref={panel} class="panel" aria-label="Status" tabIndex={-1}>
          <div class="headline">
            <Status tone={word.tone}>{word.name}</Status>
            {!over && <Connection following={following} />}
          </div>
          <p class="meaning">{word.meaning}</p>
          <Steps status={status} />
          {!over && (
            <div class="actions">
              <button type="button" aria-haspopup="dialog" onClick={() => setCancelling(true)}>
                Cancel this reservation
              </button>
            </div>
          )}
        </section>
        <div>
          <Details reservation={reservation} />
          <Journal arrivals={arrivals} />
        </div>
      </div>
      {cancelling && (
        <CancelDialog reservation={reservation} onClose={() => setCancelling(false)} onCancelled={() => setCancelling(false)} />
      )}
    </Page>
  );
}

/** Whoever is here may look at somebody else's. */
function titleOf({ carName, userId, userName }: Reservation): string {
  const what = carName || 'a car';
  return person.value?.userId === userId ? `Your reservation of ${what}` : `Reservation of ${what} for ${userName || userId}`;
}

/** What the reservation itself says, until the first state of mypage arrives. */
function firstStatus(status: Reservation_Status): Mypage_Status {
  if (status === Reservation_Status.CANCELLED) return Mypage_Status.CANCELLED;
  if (status === Reservation_Status.COMPLETED) return Mypage_Status.COMPLETED;
  return Mypage_Status.RESERVED;
}

function Rejected({ reservation }: { reservation: Reservation }) {
  const word = wordOfReservation(reservation.status);
  return (
    <Page title="This reservation did not come about">
      <section class="panel" aria-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
        <p class="meaning">{word.meaning}</p>
        <p>
          <a href="/app/">Find a car and try again</a>
        </p>
      </section>
      <Details reservation={reservation} />
    </Page>
  );
}

function Details({ reservation }: { reservation: Reservation }) {
  const { carName, userId, userName, reservedDate, createTime, reservationId } = reservation;
  return (
    <section class="panel" aria-label="Details">
      <dl class="facts">
        <dt>Car</dt>
        <dd>{carName || 'Not known'}</dd>
        <dt>Day</dt>
        <dd>{reservedDate === '' ? 'No day was given' : day(reservedDate)}</dd>
        <dt>For</dt>
        <dd>{userName === '' ? userId : `${userName} (${userId})`}</dd>
        <dt>Made</dt>
        <dd>{moment(createTime)}</dd>
        <dt>Reservation id</dt>
        <dd>
          <code>{reservationId}</code>
        </dd>
      </dl>
    </section>
  );
}
