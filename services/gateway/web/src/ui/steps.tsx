import { Icon } from './icon.tsx';

/** A step of a process. */
export interface Step {
  readonly name: string;
  /** Technical explanation. */
  readonly behind: string;
  readonly state: 'done' | 'now' | 'ahead';
}

const spoken: Record<Step['state'], string> = { done: 'done', now: 'under way', ahead: 'still to come' };

/** The steps of a process, in order. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="steps">
      {steps.map(({ name, behind, state }) => (
        <li key={name} class={state} aria-current={state === 'now' ? 'step' : undefined}>
          <span class="mark">{state === 'done' && <Icon name="check" />}</span>
          <div>
            <p class="name">
              {name}
              <span class="unseen">, {spoken[state]}</span>
            </p>
            <p class="hint">{behind}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}
