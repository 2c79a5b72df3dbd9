import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { type Order, Order_Status } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import type { TotalView } from '#proto/es/rentalsvc/totalview/v1/totalview_pb.ts';
import { useLoad } from '../../../api/use-load.ts';
import { useWatch } from '../../../api/use-watch.ts';
import { Page } from '../../../shell/page.tsx';
import { Facts } from '../../../ui/facts.tsx';
import { count, moment } from '../../../ui/format.ts';
import { Journal } from '../../../ui/journal.tsx';
import { LivePanel } from '../../../ui/live-panel.tsx';
import { Loading } from '../../../ui/more.tsx';
import { ProblemBox } from '../../../ui/problem-box.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { orders, totalViews } from '../clients.ts';
import { at } from '../paths.ts';
import { isOver, type Progress, stepsOf, wordOfView } from '../statuses.ts';

/** One rental, live. */
export function OrderPage() {
  const orderId = useRoute().params.id ?? '';
  const loaded = useLoad(async (signal) => (await orders.getOrder({ orderId }, { signal })).order, [orderId]);
  if (loaded.value !== undefined) return <Live order={loaded.value} />;
  return (
    <Page title="Rental">
      {loaded.problem === undefined ? <Loading /> : <ProblemBox problem={loaded.problem} onRetry={loaded.reload} />}
      <p>
        <a href={at('orders')}>All my rentals</a>
      </p>
    </Page>
  );
}

function Live({ order }: { order: Order }) {
  const { orderId } = order;
  const [cancelling, setCancelling] = useState(false);
  const { arrivals, following } = useWatch(orderId, {
    open: (resumeToken, signal) => totalViews.watchTotalView({ orderId, resumeToken }, { signal, timeoutMs: 0 }),
    stateOf: ({ totalView }) => totalView,
    isLast: (view: TotalView) => isOver(view),
  });
  const view = arrivals.at(-1)?.state ?? firstProgress(order.status);
  return (
    <Page title={`Rental for ${order.userId}`}>
      <div class="split">
        <LivePanel
          word={wordOfView(view)}
          steps={stepsOf(view)}
          following={following}
          isOver={isOver(view)}
          arrived={arrivals.length}
          hasDialog={cancelling}
        >
          {!view.rentalCancelled && !view.inventoryStockShortage && (
            <button type="button" aria-haspopup="dialog" onClick={() => setCancelling(true)}>
              Cancel this rental
            </button>
          )}
        </LivePanel>
        <div>
          <Details order={order} />
          <Journal arrivals={arrivals} method="TotalViewService.WatchTotalView" wordOf={({ lastEvent }) => lastEvent} />
        </div>
      </div>
      {cancelling && <CancelDialog order={order} onClose={() => setCancelling(false)} onCancelled={() => setCancelling(false)} />}
    </Page>
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
