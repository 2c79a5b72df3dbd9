import { Icon, type IconName } from './icon.tsx';

/** The kinds of status, by what they mean to a person. */
export type Tone = 'waiting' | 'good' | 'over' | 'off' | 'bad';

const icons: Record<Tone, IconName> = { waiting: 'clock', good: 'check', over: 'check', off: 'cross', bad: 'cross' };

/** A status: its word, with a colour and a sign that repeat it. */
export function Status({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`status ${tone}`}>
      <Icon name={icons[tone]} />
      {children}
    </span>
  );
}
