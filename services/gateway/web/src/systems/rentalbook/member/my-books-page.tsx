import { Empty } from '../../../ui/empty.tsx';
import { OwnListPage } from '../../../ui/own-list-page.tsx';
import { mypages } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfView } from '../statuses.ts';

/** The reserves and rentals of the user. */
export function MyBooksPage() {
  return (
    <OwnListPage
      things="books"
      made="reserved"
      load={async (userNm, pageToken, signal) => {
        const page = await mypages.listMypages({ pageToken, userNm, pageSize: 100 }, { signal });
        return { items: page.mypages, nextPageToken: page.nextPageToken };
      }}
      row={({ reserveId, bookNm, statusText, status }) => ({
        id: reserveId,
        path: at(`mine/${reserveId}`),
        what: bookNm,
        detail: statusText,
        word: wordOfView(status),
      })}
      empty={() => (
        <Empty icon="clock" title="Nothing is reserved yet">
          <p>Your first reserve appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              Reserve a book
            </a>
          </p>
        </Empty>
      )}
    />
  );
}
