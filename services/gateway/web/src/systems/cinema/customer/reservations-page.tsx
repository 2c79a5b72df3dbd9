import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useState } from 'preact/hooks';
import type { Information } from '#proto/es/cinema/information/v1/information_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { type Person, person } from '../../../shell/person.ts';
import { PersonDialog } from '../../../shell/person-dialog.tsx';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { moment } from '../../../ui/format.ts';
import { More } from '../../../ui/more.tsx';
import { Status } from '../../../ui/status.tsx';
import { informations } from '../clients.ts';
import { at } from '../paths.ts';
import { programme, showTime } from '../programme.ts';
import { wordOfInformation } from '../statuses.ts';

/** The tickets of the user. */
export function ReservationsPage() {
  const who = person.value;
  return who === undefined ? <Stranger /> : <Mine key={who.userId} who={who} />;
}

function Stranger() {
  const [asking, setAsking] = useState(false);
  return (
    <Page title="My tickets">
      <Empty icon="person" title="Whose tickets?">
        <p>There is no sign-in. Say who you are, and this page shows what was reserved under that id.</p>
        <p>
          <button type="button" class="primary" aria-haspopup="dialog" onClick={() => setAsking(true)}>
            Say who I am
          </button>
        </p>
      </Empty>
      {asking && <PersonDialog onClose={() => setAsking(false)} />}
    </Page>
  );
}

function Mine({ who }: { who: Person }) {
  const { userId } = who;
  const pages = usePages(
    async (pageToken, signal) => {
      const page = await informations.listInformations({ pageToken, userId, pageSize: 100 }, { signal });
      return { items: page.informations, nextPageToken: page.nextPageToken };
    },
    [userId],
  );
  const { items, reload } = pages;
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') reload();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [reload]);
  return (
    <Page title="My tickets" lead={`Tickets of ${who.userName === '' ? userId : `${who.userName} (${userId})`}, newest change first.`}>
      <ul class="rows" aria-busy={pages.busy} aria-label="My tickets">
        {items?.toSorted(newestFirst).map((information) => (
          <Row key={information.reservationId} information={information} />
        ))}
      </ul>
      {items?.length === 0 && (
        <Empty icon="clock" title="Nothing is reserved yet">
          <p>Your first reservation appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              See the programme
            </a>
          </p>
          <Command>{`curl ${location.origin}/cinema/reservations -d '${JSON.stringify({ userId, ...programme[0] })}'`}</Command>
        </Empty>
      )}
      <More pages={pages} />
    </Page>
  );
}

const newestFirst = (one: Information, other: Information) => changed(other) - changed(one);
const changed = ({ updateTime }: Information) => (updateTime === undefined ? 0 : timestampMs(updateTime));

function Row({ information }: { information: Information }) {
  const word = wordOfInformation(information.status);
  return (
    <li>
      <a class="row" href={at(`reservations/${information.reservationId}`)}>
        <span class="what">{information.cinemaNo || 'A ticket'}</span>
        <span class="quiet">{showTime(information.time)}</span>
        <span class="quiet">{moment(information.updateTime)}</span>
        <Status tone={word.tone}>{word.name}</Status>
      </a>
    </li>
  );
}
