import { Page } from './page.tsx';

/** Shown for an unknown address. */
export function NotFoundPage() {
  return (
    <Page title="There is no such page" lead="The address may be mistyped, or the page has moved.">
      <p>
        <a href="/app/">Go to the start page</a>
      </p>
    </Page>
  );
}
