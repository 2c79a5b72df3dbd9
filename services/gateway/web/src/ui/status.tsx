import { Icon, type IconName } from './icon.tsx';

/** The kinds of status. */
export type Tone = 'waiting' | 'good' | 'over' | 'off' | 'bad';

/** A status in words. */
export interface StatusWord {
  readonly name: string;
  readonly tone: Tone;
  /** Meaning for the user, as a sentence. */
  readonly meaning: string;
}

/** Shown for a status that this page does not know. */
export const unknownStatus: StatusWord = { name: 'Not known yet', tone: 'waiting', meaning: 'This status is not known yet.' };

const icons: Record<Tone, IconName> = { waiting: 'clock', good: 'check', over: 'check', off: 'cross', bad: 'cross' };

/** A status word. Colour and icon repeat the tone. */
export function Status({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`status ${tone}`}>
      <Icon name={icons[tone]} />
      {children}
    </span>
  );
}
