import type { ComponentChildren } from 'preact';
import { Page } from '../shell/page.tsx';
import { Status, type StatusWord } from './status.tsx';

interface RejectedPageProps {
  readonly title: string;
  readonly word: StatusWord;
  /** The link to the page where the user can try again. */
  readonly retry: { readonly path: string; readonly text: string };
  /** The details. */
  readonly children: ComponentChildren;
}

/** Shows a rejected entity. It publishes no event, so the page does not watch it. */
export function RejectedPage({ title, word, retry, children }: RejectedPageProps) {
  return (
    <Page title={title}>
      <section class="panel" aria-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
        <p class="meaning">{word.meaning}</p>
        <p>
          <a href={retry.path}>{retry.text}</a>
        </p>
      </section>
      {children}
    </Page>
  );
}
