import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** What a place without content shows: why it is empty, and what fills it. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children: ComponentChildren }) {
  return (
    <section class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </section>
  );
}
