import { useRoute } from 'preact-iso';
import { Mypage_Status } from '#proto/es/starcoffee/mypage/v1/mypage_pb.ts';
import { type Order, Order_Status } from '#proto/es/starcoffee/order/v1/order_pb.ts';
import { person } from '../../../shell/person.ts';
import { Facts } from '../../../ui/facts.tsx';
import { moment } from '../../../ui/format.ts';
import { LivePage } from '../../../ui/live-page.tsx';
import { LoadedPage } from '../../../ui/loaded-page.tsx';
import { RejectedPage } from '../../../ui/rejected-page.tsx';
import type { StatusWord } from '../../../ui/status.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { mypages, orders } from '../clients.ts';
import { coffeeName, won } from '../menu.ts';
import { at } from '../paths.ts';
import { isOver, stepsOf, wordOfMypage } from '../statuses.ts';

/** One order, live. */
export function OrderPage() {
  const orderId = useRoute().params.id ?? '';
  return (
    <LoadedPage
      id={orderId}
      load={async (signal) => (await orders.getOrder({ orderId }, { signal })).order}
      title="Order"
      all={{ path: at('orders'), text: 'All my orders' }}
    >
      {(order) => (order.status === Order_Status.REJECTED ? <Rejected order={order} /> : <Live order={order} />)}
    </LoadedPage>
  );
}

function Live({ order }: { order: Order }) {
  const { orderId } = order;
  return (
    <LivePage
      id={orderId}
      title={titleOf(order)}
      method="MypageService.WatchMypage"
      open={(resumeToken, signal) => mypages.watchMypage({ orderId, resumeToken }, { signal, timeoutMs: 0 })}
      stateOf={({ mypage }) => mypage}
      progressOf={(mypage) => {
        const status = mypage?.status ?? Mypage_Status.REQUESTED;
        return { word: wordOfMypage(status), steps: stepsOf(status), isOver: isOver(status) };
      }}
      wordOf={({ status }) => wordOfMypage(status).name}
      action="Cancel this order"
      dialog={(onClose) => <CancelDialog order={order} onClose={onClose} />}
    >
      {() => <Details order={order} />}
    </LivePage>
  );
}

/** Anybody may open the order of another user. */
function titleOf({ menuId, userId }: Order): string {
  return person.value?.userId === userId ? `Your ${coffeeName(menuId)}` : `${coffeeName(menuId)} for ${userId}`;
}

const rejected: StatusWord = {
  name: 'Rejected',
  tone: 'bad',
  meaning: 'The payment could not be checked. What was paid is given back.',
};

function Rejected({ order }: { order: Order }) {
  return (
    <RejectedPage title="This order was rejected" word={rejected} retry={{ path: at(), text: 'Choose a coffee and try again' }}>
      <Details order={order} />
    </RejectedPage>
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
