import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { LocationProvider, lazy, Route, Router, useLocation } from 'preact-iso';
import { setProblemWords } from './api/problem.ts';
import type { Area } from './shell/areas.ts';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { NotRunningPage } from './shell/not-running-page.tsx';
import { PageBoundary } from './shell/page-boundary.tsx';
import { Shell } from './shell/shell.tsx';
import { StartPage } from './shell/start-page.tsx';
import { aboutOf, loadedPages, loadPages, loadRunning, running, type SystemPages, systemOf } from './shell/systems.ts';
import { Loading } from './ui/more.tsx';

const MeshPage = lazy(() => import('./mesh/mesh-page.tsx').then((module) => module.MeshPage));

const start: Area = { href: '/app/', name: 'Systems', places: [] };
const mesh: Area = { href: '/app/mesh', name: 'Mesh', places: [] };

/** The whole app: the shell around the page of the address. */
export function App() {
  return (
    <LocationProvider scope="/app">
      <PageBoundary>
        <Pages />
      </PageBoundary>
    </LocationProvider>
  );
}

function Pages() {
  const { names } = running.value;
  const inPath = systemOf(useLocation().path);
  // The navigation of the only system stays on pages of no system.
  const name = inPath ?? (names?.length === 1 ? names[0] : undefined);
  useEffect(() => void loadRunning(), []);
  useEffect(() => {
    if (name !== undefined) void loadPages(name);
  }, [name]);
  const system = name === undefined ? undefined : loadedPages(name);
  setProblemWords(system?.problems ?? {});
  return (
    <Shell
      title={name && aboutOf(name).title}
      areas={[...(names === undefined || names.length === 1 ? [] : [start]), ...(system?.areas ?? []), mesh]}
    >
      <PageBoundary>
        <Routes name={inPath} isStopped={inPath !== undefined && names?.includes(inPath) === false} system={system} />
      </PageBoundary>
    </Shell>
  );
}

function Routes({ name, isStopped, system }: { name: string | undefined; isStopped: boolean; system: SystemPages | undefined }) {
  // The key makes the router match again when the routes change under one address.
  if (name === undefined) return <Router key="platform">{platformRoutes(NotFoundPage)}</Router>;
  if (isStopped) return <Router key="stopped">{platformRoutes(NotRunningPage)}</Router>;
  if (system === undefined) return <Router key="loading">{platformRoutes(Loading)}</Router>;
  const routes = Object.entries(system.routes).map(([route, component]) => (
    <Route key={route} path={`/app/${name}/${route}`} component={component} />
  ));
  return <Router key={name}>{[...routes, ...platformRoutes(NotFoundPage)]}</Router>;
}

function platformRoutes(Otherwise: ComponentType) {
  return [
    <Route key="start" path="/app" component={StartPage} />,
    <Route key="mesh" path="/app/mesh" component={MeshPage} />,
    <Route key="otherwise" default component={Otherwise} />,
  ];
}
