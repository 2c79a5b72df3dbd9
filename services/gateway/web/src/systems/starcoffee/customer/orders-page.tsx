import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useState } from 'preact/hooks';
import type { Mypage } from '#proto/es/starcoffee/mypage/v1/mypage_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { type Person, person } from '../../../shell/person.ts';
import { PersonDialog } from '../../../shell/person-dialog.tsx';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { moment } from '../../../ui/format.ts';
import { More } from '../../../ui/more.tsx';
import { Status } from '../../../ui/status.tsx';
import { mypages } from '../clients.ts';
import { icon } from '../icon.ts';
import { coffeeName, won } from '../menu.ts';
import { at } from '../paths.ts';
import { wordOfMypage } from '../statuses.ts';

/** The orders of the user. */
export function OrdersPage() {
  const who = person.value;
  return who === undefined ? <Stranger /> : <Mine key={who.userId} who={who} />;
}

function Stranger() {
  const [asking, setAsking] = useState(false);
  return (
    <Page title="My orders">
      <Empty icon="person" title="Whose orders?">
        <p>There is no sign-in. Say who you are, and this page shows what was ordered under that id.</p>
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

function Mine({ who: { userId } }: { who: Person }) {
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
    <Page title="My orders" lead={`Orders of ${userId}, newest change first.`}>
      <ul class="rows" aria-busy={pages.busy} aria-label="My orders">
        {items?.toSorted(newestFirst).map((mypage) => (
          <Row key={mypage.orderId} mypage={mypage} />
        ))}
      </ul>
      {items?.length === 0 && (
        <Empty icon={icon} title="Nothing is ordered yet">
          <p>Your first order appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              See the menu
            </a>
          </p>
          <Command>{`curl ${location.origin}/starcoffee/orders -d '{"userId":"${userId}","menuId":"latte","price":5000}'`}</Command>
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
      <a class="row" href={at(`orders/${mypage.orderId}`)}>
        <span class="what">{coffeeName(mypage.menuId)}</span>
        <span class="quiet">{won(mypage.price)}</span>
        <span class="quiet">{moment(mypage.updateTime)}</span>
        <Status tone={word.tone}>{word.name}</Status>
      </a>
    </li>
  );
}
