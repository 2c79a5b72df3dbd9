import { signal } from '@preact/signals';

const message = signal({ text: '', times: 0 });

/** Makes screen readers read a text. Repeats a repeated text. */
export function announce(text: string): void {
  message.value = { text, times: message.value.times + 1 };
}

/** The live region of announce(). Rendered before its first text, because screen readers ignore new regions. */
export function Announcer() {
  const { text, times } = message.value;
  return (
    <p class="unseen" role="status">
      <span key={times}>{text}</span>
    </p>
  );
}
