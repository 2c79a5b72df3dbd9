import { effect, type Signal, signal } from '@preact/signals';
import { keep, recall } from './storage.ts';

/** `system`: as the operating system is set. */
export type Theme = 'system' | 'light' | 'dark';

const kept = recall('theme');

/** The chosen theme. public/theme.js applies it before the first paint. */
export const theme: Signal<Theme> = signal(kept === 'light' || kept === 'dark' ? kept : 'system');

effect(() => {
  const chosen = theme.value;
  keep('theme', chosen === 'system' ? undefined : chosen);
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
});
