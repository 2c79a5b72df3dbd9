import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Page as ListPage, usePages } from '../api/use-pages.ts';
import { Page } from '../shell/page.tsx';
import { type Person, person } from '../shell/person.ts';
import { PersonDialog } from '../shell/person-dialog.tsx';
import { Empty } from './empty.tsx';
import { moment } from './format.ts';
import { More } from './more.tsx';
import { Status, type StatusWord } from './status.tsx';

interface Changed {
  readonly updateTime?: Timestamp | undefined;
}

/** What a row shows of an entity. */
interface Row {
  readonly id: string;
  /** Address of the page of the entity. */
  readonly path: string;
  readonly what: string;
  readonly detail: string;
  readonly word: StatusWord;
}

interface OwnListPageProps<T> {
  /** Name of the entities: `orders`. */
  readonly things: string;
  /** How an entity is made: `ordered`. */
  readonly made: string;
  readonly load: (userId: string, pageToken: string, signal: AbortSignal) => Promise<ListPage<T>>;
  readonly row: (item: T) => Row;
  /** Shown if there is no entity. */
  readonly empty: (userId: string) => ComponentChildren;
}

/** The entities of the user, newest change first. */
export function OwnListPage<T extends Changed>(props: OwnListPageProps<T>) {
  const who = person.value;
  return who === undefined ? <Stranger things={props.things} made={props.made} /> : <Own key={who.userId} who={who} {...props} />;
}

function Stranger({ things, made }: { things: string; made: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <Page title={`My ${things}`}>
      <Empty icon="person" title={`Whose ${things}?`}>
        <p>There is no sign-in. Say who you are, and this page shows what was {made} under that id.</p>
        <p>
          <button type="button" class="primary" aria-haspopup="dialog" onClick={() => setAsking(true)}>
            Say who I am
          </button>
        </p>
      </Empty>
      {asking && <PersonDialog onClose={() => setAsking(false)} />}
    </Page>
  );
}

function Own<T extends Changed>({ who, things, load, row, empty }: OwnListPageProps<T> & { who: Person }) {
  const { userId, userName } = who;
  const pages = usePages((pageToken, signal) => load(userId, pageToken, signal), [userId]);
  const { items, reload } = pages;
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') reload();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [reload]);
  const title = `My ${things}`;
  return (
    <Page title={title} lead={`All ${things} of ${userName === '' ? userId : `${userName} (${userId})`}, newest change first.`}>
      <ul class="rows" aria-busy={pages.busy} aria-label={title}>
        {items?.toSorted(newestFirst).map((item) => (
          <OwnRow key={row(item).id} row={row(item)} updateTime={item.updateTime} />
        ))}
      </ul>
      {items?.length === 0 && empty(userId)}
      <More pages={pages} />
    </Page>
  );
}

const newestFirst = (one: Changed, other: Changed) => changed(other) - changed(one);
const changed = ({ updateTime }: Changed) => (updateTime === undefined ? 0 : timestampMs(updateTime));

function OwnRow({ row: { path, what, detail, word }, updateTime }: { row: Row; updateTime: Timestamp | undefined }) {
  return (
    <li>
      <a class="row" href={path}>
        <span class="what">{what}</span>
        <span class="quiet">{detail}</span>
        <span class="quiet">{moment(updateTime)}</span>
        <Status tone={word.tone}>{word.name}</Status>
      </a>
    </li>
  );
}
