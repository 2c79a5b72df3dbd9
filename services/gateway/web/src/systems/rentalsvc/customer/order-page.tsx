import { useRoute } from 'preact-iso';
import { type Order, Order_Status } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import type { TotalView } from '#proto/es/rentalsvc/totalview/v1/totalview_pb.ts';
import { Facts } from '../../../ui/facts.tsx';
import { count, moment } from '../../../ui/format.ts';
import { LivePage } from '../../../ui/live-page.tsx';
import { LoadedPage } from '../../../ui/loaded-page.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { orders, totalViews } from '../clients.ts';
import { at } from '../paths.ts';
import { isOver, type Progress, stepsOf, wordOfView } from '../statuses.ts';

/** One rental, live. */
export function OrderPage() {
  const orderId = useRoute().params.id ?? '';
  return (
    <LoadedPage
      id={orderId}
      load={async (signal) => (await orders.getOrder({ orderId }, { signal })).order}
      title="Rental"
      all={{ path: at('orders'), text: 'All my rentals' }}
    >
      {(order) => <Live order={order} />}
    </LoadedPage>
  );
}

function Live({ order }: { order: Order }) {
  const { orderId } = order;
  const progressOf = (view: TotalView | undefined): Progress => view ?? firstProgress(order.status);
  return (
    <LivePage
      id={orderId}
      title={`Rental for ${order.userId}`}
      method="TotalViewService.WatchTotalView"
      open={(resumeToken, signal) => totalViews.watchTotalView({ orderId, resumeToken }, { signal, timeoutMs: 0 })}
      stateOf={({ totalView }) => totalView}
      progressOf={(view) => {
        const progress = progressOf(view);
        return { word: wordOfView(progress), steps: stepsOf(progress), isOver: isOver(progress) };
      }}
      wordOf={({ lastEvent }) => lastEvent}
      action="Cancel this rental"
      isOffered={(view) => {
        const { rentalCancelled, inventoryStockShortage } = progressOf(view);
        return !rentalCancelled && !inventoryStockShortage;
      }}
      dialog={(onClose) => <CancelDialog order={order} onClose={onClose} />}
    >
      {() => <Details order={order} />}
    </LivePage>
  );
}

/** What is known until the first state of the view arrives. */
function firstProgress(status: Order_Status): Progress {
  return {
    events: [{ name: 'RentalRequested' }],
    rentalCancelled: status === Order_Status.CANCELLED,
    inventoryStockShortage: status === Order_Status.SHORT,
  };
}

function Details({ order }: { order: Order }) {
  const { productId, qty, amount, userId, createTime, orderId } = order;
  return (
    <Facts
      facts={{
        Product: productId,
        Quantity: count(qty, 'piece'),
        Fee: count(amount, 'won', 'won'),
        For: userId,
        Made: moment(createTime),
        'Order id': <code>{orderId}</code>,
      }}
    />
  );
}
