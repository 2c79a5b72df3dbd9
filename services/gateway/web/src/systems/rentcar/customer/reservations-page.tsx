import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useState } from 'preact/hooks';
import type { Mypage } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { type Person, person } from '../../../shell/person.ts';
import { PersonDialog } from '../../../shell/person-dialog.tsx';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { day, moment } from '../../../ui/format.ts';
import { More } from '../../../ui/more.tsx';
import { Status } from '../../../ui/status.tsx';
import { mypages } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfMypage } from '../statuses.ts';

/** The reservations of the user. */
export function ReservationsPage() {
  const who = person.value;
  return who === undefined ? <Stranger /> : <Mine key={who.userId} who={who} />;
}

function Stranger() {
  const [asking, setAsking] = useState(false);
  return (
    <Page title="My reservations">
      <Empty icon="person" title="Whose reservations?">
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
      const page = await mypages.listMypages({ pageToken, userId, pageSize: 100 }, { signal });
      return { items: page.mypages, nextPageToken: page.nextPageToken };
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
    <Page
      title="My reservations"
      lead={`Reservations of ${who.userName === '' ? userId : `${who.userName} (${userId})`}, newest change first.`}
    >
      <ul class="rows" aria-busy={pages.busy} aria-label="My reservations">
        {items?.toSorted(newestFirst).map((mypage) => (
          <Row key={mypage.reservationId} mypage={mypage} />
        ))}
      </ul>
      {items?.length === 0 && (
        <Empty icon="clock" title="Nothing is reserved yet">
          <p>Your first reservation appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              Find a car
            </a>
          </p>
          <Command>{`curl ${location.origin}/rentcar/reservations -d '{"carId":"<id of a car>","userId":"${userId}"}'`}</Command>
        </Empty>
      )}
      <More pages={pages} />
    </Page>
  );
}

const newestFirst = (one: Mypage, other: Mypage) => changed(other) - changed(one);
const changed = ({ updateTime }: Mypage) => (updateTime === undefined ? 0 : timestampMs(updateTime));

function Row({ mypage }: { mypage: Mypage }) {
  const word = wordOfMypage(mypage.status);
  return (
    <li>
      <a class="row" href={at(`reservations/${mypage.reservationId}`)}>
        <span class="what">{mypage.carName || 'A car'}</span>
        <span class="quiet">{mypage.reservedDate === '' ? 'No day given' : day(mypage.reservedDate)}</span>
        <span class="quiet">{moment(mypage.updateTime)}</span>
        <Status tone={word.tone}>{word.name}</Status>
      </a>
    </li>
  );
}
