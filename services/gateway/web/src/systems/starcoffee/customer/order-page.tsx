import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { type Mypage, Mypage_Status } from '#proto/es/starcoffee/mypage/v1/mypage_pb.ts';
import { type Order, Order_Status } from '#proto/es/starcoffee/order/v1/order_pb.ts';
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
import { mypages, orders } from '../clients.ts';
import { coffeeName, won } from '../menu.ts';
import { at } from '../paths.ts';
import { isOver, stepsOf, wordOfMypage } from '../statuses.ts';

/** One order, live. */
export function OrderPage() {
  const orderId = useRoute().params.id ?? '';
  const loaded = useLoad(async (signal) => (await orders.getOrder({ orderId }, { signal })).order, [orderId]);
  const order = loaded.value;
  if (order === undefined)
    return (
      <Page title="Order">
        {loaded.problem === undefined ? <Loading /> : <ProblemBox problem={loaded.problem} onRetry={loaded.reload} />}
        <p>
          <a href={at('orders')}>All my orders</a>
        </p>
      </Page>
    );
  if (order.status === Order_Status.REJECTED) return <Rejected order={order} />;
  return <Live order={order} />;
}

function Live({ order }: { order: Order }) {
  const { orderId } = order;
  const [cancelling, setCancelling] = useState(false);
  const { arrivals, following } = useWatch(orderId, {
    open: (resumeToken, signal) => mypages.watchMypage({ orderId, resumeToken }, { signal, timeoutMs: 0 }),
    stateOf: ({ mypage }) => mypage,
    isLast: ({ status }: Mypage) => isOver(status),
  });
  const status = arrivals.at(-1)?.state.status ?? Mypage_Status.REQUESTED;
  return (
    <Page title={titleOf(order)}>
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
            Cancel this order
          </button>
        </LivePanel>
        <div>
          <Details order={order} />
          <Journal arrivals={arrivals} method="MypageService.WatchMypage" wordOf={(mypage) => wordOfMypage(mypage.status).name} />
        </div>
      </div>
      {cancelling && <CancelDialog order={order} onClose={() => setCancelling(false)} />}
    </Page>
  );
}

/** Anybody may open the order of another user. */
function titleOf({ menuId, userId }: Order): string {
  return person.value?.userId === userId ? `Your ${coffeeName(menuId)}` : `${coffeeName(menuId)} for ${userId}`;
}

function Rejected({ order }: { order: Order }) {
  return (
    <Page title="This order was rejected">
      <section class="panel" aria-label="Status">
        <Status tone="bad">Rejected</Status>
        <p class="meaning">The payment could not be checked. What was paid is given back.</p>
        <p>
          <a href={at()}>Choose a coffee and try again</a>
        </p>
      </section>
      <Details order={order} />
    </Page>
  );
}

function Details({ order }: { order: Order }) {
  const { menuId, userId, price, createTime, orderId } = order;
  return (
    <Facts
      facts={{
        Coffee: coffeeName(menuId),
        Price: won(price),
        For: userId,
        Ordered: moment(createTime),
        'Order id': <code>{orderId}</code>,
      }}
    />
  );
}
