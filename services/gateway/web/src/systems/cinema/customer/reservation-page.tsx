import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { type Information, Information_Status } from '#proto/es/cinema/information/v1/information_pb.ts';
import { type Reservation, Reservation_Status } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { useLoad } from '../../../api/use-load.ts';
import { useWatch } from '../../../api/use-watch.ts';
import { Page } from '../../../shell/page.tsx';
import { person } from '../../../shell/person.ts';
import { Facts } from '../../../ui/facts.tsx';
import { moment } from '../../../ui/format.ts';
import { Journal } from '../../../ui/journal.tsx';
import { LivePanel } from '../../../ui/live-panel.tsx';
import { Loading } from '../../../ui/more.tsx';
import { ProblemBox } from '../../../ui/problem-box.tsx';
import { Status } from '../../../ui/status.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { informations, reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { showTime, won } from '../programme.ts';
import { isOver, stepsOf, wordOfInformation, wordOfReservation } from '../statuses.ts';
import { History } from './history.tsx';

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
          <a href={at('reservations')}>All my tickets</a>
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
    open: (resumeToken, signal) => informations.watchInformation({ reservationId, resumeToken }, { signal, timeoutMs: 0 }),
    stateOf: ({ information }) => information,
    isLast: ({ status }: Information) => isOver(status),
  });
  const status = arrivals.at(-1)?.state.status ?? firstStatus(reservation.status);
  return (
    <Page title={titleOf(reservation)}>
      <div class="split">
        <LivePanel
          word={wordOfInformation(status)}
          steps={stepsOf(status)}
          following={following}
          isOver={isOver(status)}
          arrived={arrivals.length}
          hasDialog={cancelling}
        >
          {status < Information_Status.CANCELLED && (
            <button type="button" aria-haspopup="dialog" onClick={() => setCancelling(true)}>
              Cancel this reservation
            </button>
          )}
        </LivePanel>
        <div>
          <Details reservation={reservation} />
          <History states={arrivals.at(-1)?.state.history ?? []} />
          <Journal
            arrivals={arrivals}
            method="InformationService.WatchInformation"
            wordOf={(information) => wordOfInformation(information.status).name}
          />
        </div>
      </div>
      {cancelling && (
        <CancelDialog reservation={reservation} onClose={() => setCancelling(false)} onCancelled={() => setCancelling(false)} />
      )}
    </Page>
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
  const word = wordOfReservation(reservation.status);
  return (
    <Page title="This reservation was rejected">
      <section class="panel" aria-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
        <p class="meaning">{word.meaning}</p>
        <p>
          <a href={at()}>See the programme and try again</a>
        </p>
      </section>
      <Details reservation={reservation} />
    </Page>
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
