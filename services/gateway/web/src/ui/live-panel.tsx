import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Following } from '../api/follow.ts';
import { announce } from '../shell/announce.tsx';
import { Connection } from './connection.tsx';
import { Status, type StatusWord } from './status.tsx';
import { type Step, Steps } from './steps.tsx';
import { useFocusKept } from './use-focus-kept.ts';

interface LivePanelProps {
  readonly word: StatusWord;
  readonly steps: readonly Step[];
  readonly following: Following;
  /** The status is final. */
  readonly isOver: boolean;
  /** The number of states that arrived. Only the first is not announced. */
  readonly arrived: number;
  /** A dialog is open and has the focus. */
  readonly hasDialog: boolean;
  /** Buttons, unless the status is final. */
  readonly children: ComponentChildren;
}

/** The live status of an entity. */
export function LivePanel({ word, steps, following, isOver, arrived, hasDialog, children }: LivePanelProps) {
  const panel = useRef<HTMLElement>(null);
  // A final status removes the buttons, maybe while a dialog has the focus.
  useFocusKept(panel, isOver && !hasDialog);
  useEffect(() => {
    if (arrived > 1) announce(word.meaning);
  }, [word]);
  return (
    <section ref={panel} class="panel" aria-label="Status" tabIndex={-1}>
      <div class="headline">
        <Status tone={word.tone}>{word.name}</Status>
        {!isOver && <Connection following={following} />}
      </div>
      <p class="meaning">{word.meaning}</p>
      <Steps steps={steps} />
      {!isOver && <div class="actions">{children}</div>}
    </section>
  );
}
