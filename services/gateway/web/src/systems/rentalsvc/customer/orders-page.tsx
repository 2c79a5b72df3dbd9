import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'preact/hooks';
import type { TotalView } from '#proto/es/rentalsvc/totalview/v1/totalview_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { person } from '../../../shell/person.ts';
import { PersonDialog } from '../../../shell/person-dialog.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { count, moment } from '../../../ui/format.ts';
import { More } from '../../../ui/more.tsx';
import { Status } from '../../../ui/status.tsx';
import { totalViews } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfView } from '../statuses.ts';

/** The rentals of the user. */
export function OrdersPage() {
  const who = person.value;
  return who === undefined ? <Stranger /> : <Mine key={who.userId} userId={who.userId} />;
}

function Stranger() {
  const [asking, setAsking] = useState(false);
  return (
    <Page title="My rentals">
      <Empty icon="person" title="Whose rentals?">
        <p>There is no sign-in. Say who you are, and this page shows what was rented under that id.</p>
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

function Mine({ userId }: { userId: string }) {
  const pages = usePages(
    async (pageToken, signal) => {
      const page = await totalViews.listTotalViews({ pageToken, userId, pageSize: 100 }, { signal });
      return { items: page.totalViews, nextPageToken: page.nextPageToken };
    },
    [userId],
  );
  const { items } = pages;
  return (
    <Page title="My rentals" lead={`Rentals of ${userId}, newest change first.`}>
      <ul class="rows" aria-busy={pages.busy} aria-label="My rentals">
        {items?.toSorted(newestFirst).map((view) => (
          <Row key={view.orderId} view={view} />
        ))}
      </ul>
      {items?.length === 0 && (
        <Empty icon="clock" title="Nothing is rented yet">
          <p>Your first rental appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              Rent a product
            </a>
          </p>
        </Empty>
      )}
      <More pages={pages} />
    </Page>
  );
}

const newestFirst = (one: TotalView, other: TotalView) => changed(other) - changed(one);
const changed = ({ updateTime }: TotalView) => (updateTime === undefined ? 0 : timestampMs(updateTime));

function Row({ view }: { view: TotalView }) {
  const word = wordOfView(view);
  return (
    <li>
      <a class="row" href={at(`orders/${view.orderId}`)}>
        <span class="what">Product {view.productId}</span>
        <span class="quiet">{count(view.qty, 'piece')}</span>
        <span class="quiet">{moment(view.updateTime)}</span>
        <Status tone={word.tone}>{word.name}</Status>
      </a>
    </li>
  );
}
