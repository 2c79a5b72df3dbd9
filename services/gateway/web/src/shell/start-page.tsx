import { useEffect, useLayoutEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Command } from '../ui/command.tsx';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Loading } from '../ui/more.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Page } from './page.tsx';
import { aboutOf, hasPages, loadRunning, running } from './systems.ts';

/** The running systems. Goes straight to the only one. */
export function StartPage() {
  const { names, problem } = running.value;
  const { route } = useLocation();
  // Systems may have been added or removed since the last visit.
  useEffect(() => {
    if (names !== undefined) void loadRunning();
  }, []);
  const only = names?.length === 1 ? names.find(hasPages) : undefined;
  useLayoutEffect(() => {
    if (only !== undefined) route(`/app/${only}/`, true);
  }, [only]);
  if (only !== undefined) return <Loading />;
  return (
    <Page title="Systems" lead="Each system is a few gRPC services on one mesh. Choose one.">
      {problem !== undefined && <ProblemBox problem={problem} onRetry={() => void loadRunning()} />}
      {names === undefined && problem === undefined && <Loading />}
      <ul class="cards" aria-label="Running systems">
        {names?.map((name) => (
          <SystemCard key={name} name={name} />
        ))}
      </ul>
      {names?.length === 0 && (
        <Empty icon="screen" title="No system runs">
          <p>Add one from a terminal, then reload the page.</p>
          <Command>npm run up -- all</Command>
        </Empty>
      )}
    </Page>
  );
}

function SystemCard({ name }: { name: string }) {
  const { title, summary, icon } = aboutOf(name);
  return (
    <li class="card">
      <Icon name={icon} />
      <h2>{title}</h2>
      <p class="body quiet">{summary}</p>
      <a class="button act primary" href={hasPages(name) ? `/app/${name}/` : '/docs'}>
        Open<span class="unseen"> {title}</span>
      </a>
    </li>
  );
}
