import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useWatch, type WatchOptions } from '../api/use-watch.ts';
import { Page } from '../shell/page.tsx';
import { Journal } from './journal.tsx';
import { LivePanel } from './live-panel.tsx';
import type { StatusWord } from './status.tsx';
import type { Step } from './steps.tsx';

/** How far an entity has come. */
interface Progress {
  readonly word: StatusWord;
  readonly steps: readonly Step[];
  /** The status is final. */
  readonly isOver: boolean;
}

interface LivePageProps<M, T> extends Omit<WatchOptions<M, T>, 'isLast'> {
  readonly id: string;
  readonly title: string;
  /** The Watch method, as `OrderService.WatchOrder`. */
  readonly method: string;
  /** Returns the progress in a state of the view; of undefined, the progress before the first state arrives. */
  readonly progressOf: (state: T | undefined) => Progress;
  /** Names a state in the journal. */
  readonly wordOf: (state: T) => string;
  /** Name of the button that opens the dialog. */
  readonly action: string;
  /** Whether the button is shown. Default: until the status is final. */
  readonly isOffered?: (state: T | undefined) => boolean;
  readonly dialog: (onClose: () => void) => VNode;
  /** The parts beside the status, before the journal. */
  readonly children: (state: T | undefined) => VNode;
}

/** The page of an entity with its live status, and one action. */
export function LivePage<M extends { readonly resumeToken: string }, T>(props: LivePageProps<M, T>) {
  const { id, title, method, open, stateOf, progressOf, wordOf, action, isOffered = () => true, dialog, children } = props;
  const [asking, setAsking] = useState(false);
  const { arrivals, following } = useWatch(id, { open, stateOf, isLast: (state: T) => progressOf(state).isOver });
  const state = arrivals.at(-1)?.state;
  return (
    <Page title={title}>
      <div class="split">
        <LivePanel {...progressOf(state)} following={following} arrived={arrivals.length} hasDialog={asking}>
          {isOffered(state) && (
            <button type="button" aria-haspopup="dialog" onClick={() => setAsking(true)}>
              {action}
            </button>
          )}
        </LivePanel>
        <div>
          {children(state)}
          <Journal arrivals={arrivals} method={method} wordOf={wordOf} />
        </div>
      </div>
      {asking && dialog(() => setAsking(false))}
    </Page>
  );
}
