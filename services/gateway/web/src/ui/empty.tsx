import type { ComponentChildren } from 'preact';
import { Icon, type IconShape } from './icon.tsx';

/** Shown in place of missing content: why it is missing, and how to get some. */
export function Empty({ icon, title, children }: { icon: IconShape; title: string; children?: ComponentChildren }) {
  return (
    <section class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </section>
  );
}
