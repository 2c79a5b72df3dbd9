import type { VNode } from 'preact';
import { useLoad } from '../api/use-load.ts';
import { Page } from '../shell/page.tsx';
import { Loading } from './more.tsx';
import { ProblemBox } from './problem-box.tsx';

interface LoadedPageProps<T> {
  readonly id: string;
  readonly load: (signal: AbortSignal) => Promise<T | undefined>;
  /** Title until the entity is loaded. */
  readonly title: string;
  /** The link to all entities of the user. */
  readonly all: { readonly path: string; readonly text: string };
  /** Renders the page of the entity. */
  readonly children: (entity: T) => VNode;
}

/** The page of one entity. */
export function LoadedPage<T>({ id, load, title, all, children }: LoadedPageProps<T>) {
  const { value, problem, reload } = useLoad(load, [id]);
  if (value !== undefined) return children(value);
  return (
    <Page title={title}>
      {problem === undefined ? <Loading /> : <ProblemBox problem={problem} onRetry={reload} />}
      <p>
        <a href={all.path}>{all.text}</a>
      </p>
    </Page>
  );
}
