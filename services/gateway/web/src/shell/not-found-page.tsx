import { Page } from './page.tsx';

/** What an address without a page shows. */
export function NotFoundPage() {
  return (
    <Page title="There is no such page" lead="The address may be mistyped, or the page has moved.">
      <p>
        <a href="/app/">Go to the cars</a>
      </p>
    </Page>
  );
}
