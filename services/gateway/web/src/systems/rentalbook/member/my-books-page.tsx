import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'preact/hooks';
import type { Mypage } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { person } from '../../../shell/person.ts';
import { PersonDialog } from '../../../shell/person-dialog.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { moment } from '../../../ui/format.ts';
import { More } from '../../../ui/more.tsx';
import { Status } from '../../../ui/status.tsx';
import { mypages } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfView } from '../statuses.ts';

/** The reserves and rentals of the user. */
export function MyBooksPage() {
  const who = person.value;
  return who === undefined ? <Stranger /> : <Mine key={who.userId} userNm={who.userId} />;
}

function Stranger() {
  const [asking, setAsking] = useState(false);
  return (
    <Page title="My books">
      <Empty icon="person" title="Whose books?">
        <p>There is no sign-in. Say who you are, and this page shows what was reserved under that name.</p>
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

function Mine({ userNm }: { userNm: string }) {
  const pages = usePages(
    async (pageToken, signal) => {
      const page = await mypages.listMypages({ pageToken, userNm, pageSize: 100 }, { signal });
      return { items: page.mypages, nextPageToken: page.nextPageToken };
    },
    [userNm],
  );
  const { items } = pages;
  return (
    <Page title="My books" lead={`Books of ${userNm}, newest change first.`}>
      <ul class="rows" aria-busy={pages.busy} aria-label="My books">
        {items?.toSorted(newestFirst).map((view) => (
          <Row key={view.reserveId} view={view} />
        ))}
      </ul>
      {items?.length === 0 && (
        <Empty icon="clock" title="Nothing is reserved yet">
          <p>Your first reserve appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              Reserve a book
            </a>
          </p>
        </Empty>
      )}
      <More pages={pages} />
    </Page>
  );
}

const newestFirst = (one: Mypage, other: Mypage) => changed(other) - changed(one);
const changed = ({ updateTime }: Mypage) => (updateTime === undefined ? 0 : timestampMs(updateTime));

function Row({ view }: { view: Mypage }) {
  const word = wordOfView(view.status);
  return (
    <li>
      <a class="row" href={at(`mine/${view.reserveId}`)}>
        <span class="what">{view.bookNm}</span>
        <span class="quiet">{view.statusText}</span>
        <span class="quiet">{moment(view.updateTime)}</span>
        <Status tone={word.tone}>{word.name}</Status>
      </a>
    </li>
  );
}
