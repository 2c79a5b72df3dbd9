import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { type Mypage, Mypage_Status as Status } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { useWatch } from '../../../api/use-watch.ts';
import { Page } from '../../../shell/page.tsx';
import { Facts } from '../../../ui/facts.tsx';
import { moment } from '../../../ui/format.ts';
import { Journal } from '../../../ui/journal.tsx';
import { LivePanel } from '../../../ui/live-panel.tsx';
import { Loading } from '../../../ui/more.tsx';
import { mypages } from '../clients.ts';
import { isOver, reasonWords, stepsOf, wordOfView } from '../statuses.ts';
import { CancelDialog, RentDialog, ReturnDialog } from './action-dialogs.tsx';

type Action = 'rent' | 'return' | 'cancel';

/** One reserve, live: the member rents the book, returns it, or cancels. */
export function ReservePage() {
  const reserveId = useRoute().params.id ?? '';
  const [action, setAction] = useState<Action>();
  const { arrivals, following } = useWatch(reserveId, {
    open: (resumeToken, signal) => mypages.watchMypage({ reserveId, resumeToken }, { signal, timeoutMs: 0 }),
    stateOf: ({ mypage }) => mypage,
    isLast: ({ status }: Mypage) => isOver(status),
  });
  const view = arrivals.at(-1)?.state;
  if (view === undefined) {
    return (
      <Page title="Reserve" lead="The reserve appears as soon as its event has passed through Kafka.">
        <Loading />
      </Page>
    );
  }
  const close = () => setAction(undefined);
  return (
    <Page title={`${view.bookNm} for ${view.userNm}`}>
      <div class="split">
        <LivePanel
          word={wordOfView(view.status)}
          steps={stepsOf(view.status)}
          following={following}
          isOver={isOver(view.status)}
          arrived={arrivals.length}
          hasDialog={action !== undefined}
        >
          <Actions status={view.status} onAct={setAction} />
        </LivePanel>
        <div>
          <Details view={view} />
          <Journal arrivals={arrivals} method="MypageService.WatchMypage" wordOf={({ statusText }) => statusText} />
        </div>
      </div>
      {action === 'rent' && <RentDialog view={view} onClose={close} />}
      {action === 'return' && <ReturnDialog view={view} onClose={close} />}
      {action === 'cancel' && <CancelDialog view={view} onClose={close} />}
    </Page>
  );
}

function Actions({ status, onAct }: { status: Status; onAct: (action: Action) => void }) {
  if (status === Status.ON_RENTAL) {
    return (
      <button type="button" class="primary" aria-haspopup="dialog" onClick={() => onAct('return')}>
        Return the book
      </button>
    );
  }
  if (status !== Status.BOOKING) return null;
  return (
    <>
      <button type="button" class="primary" aria-haspopup="dialog" onClick={() => onAct('rent')}>
        Rent the book
      </button>
      <button type="button" aria-haspopup="dialog" onClick={() => onAct('cancel')}>
        Cancel the reserve
      </button>
    </>
  );
}

function Details({ view }: { view: Mypage }) {
  const { bookNm, userNm, statusText, reason, updateTime, reserveId, rentalId } = view;
  return (
    <Facts
      facts={{
        Book: bookNm,
        For: userNm,
        Status: statusText,
        ...(reason !== '' && { 'Not rented': reasonWords(reason) }),
        Changed: moment(updateTime),
        'Reserve id': <code>{reserveId}</code>,
        ...(rentalId !== '' && { 'Rental id': <code>{rentalId}</code> }),
      }}
    />
  );
}
