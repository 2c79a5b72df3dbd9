import { signal } from '@preact/signals';

const message = signal({ text: '', times: 0 });

/** Tells a screen reader what changed without anybody moving there; the same text twice is said twice. */
export function announce(text: string): void {
  message.value = { text, times: message.value.times + 1 };
}

/** The live region that announce() speaks through. It is there from the start, because one that comes with its text is not read. */
export function Announcer() {
  const { text, times } = message.value;
  return (
    <p class="unseen" role="status">
      <span key={times}>{text}</span>
    </p>
  );
}
