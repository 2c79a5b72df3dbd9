import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** The browser places the focus on the first page; we do on those after it. */
let arrived = false;

/**
 * One page: sets the window's title, and moves the focus to its heading when somebody came here from another page, so that a screen reader says where
 * he is and Tab goes on from there.
 */
export function Page({ title, lead, children }: { title: string; lead?: ComponentChildren; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    document.title = `${title} · Rentmesh`;
  }, [title]);
  useLayoutEffect(() => {
    if (arrived) heading.current?.focus();
    arrived = true;
  }, []);
  return (
    <article class="page">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead !== undefined && <p class="lead">{lead}</p>}
      {children}
    </article>
  );
}
