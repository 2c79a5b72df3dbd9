import { useRef, useState } from 'preact/hooks';
import type { Following } from '../api/follow.ts';
import { Page } from '../shell/page.tsx';
import { timeOfDay } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Status } from '../ui/status.tsx';
import { Demonstrations, useDemonstrations } from './demonstrations.tsx';
import { Details } from './details.tsx';
import { Legend } from './legend.tsx';
import './mesh.css';
import type { Link } from './links.ts';
import { NoObserver } from './no-observer.tsx';
import { Picture } from './picture.tsx';
import { Played } from './played.tsx';
import { Tables } from './tables.tsx';
import { NARROW, useMedia } from './use-media.ts';
import { type MeshView, useMesh } from './use-mesh.ts';
import { shownWorkloads, stateInWords } from './workloads.ts';

/** The mesh, live: who calls whom and how that goes, what the policies make of it, and demonstrations of them. */
export function MeshPage() {
  const { following, seen } = useMesh();
  return (
    <Page
      title="Mesh"
      lead="Every call passes two sidecars, the caller's and the callee's. This is what their Envoys counted in the last second."
    >
      {seen === undefined ? <Unseen following={following} /> : <Mesh seen={seen} following={following} />}
    </Page>
  );
}

function Unseen({ following }: { following: Following }) {
  if (following.state === 'connecting' || following.state === 'live') return <p class="quiet">Asking the observer …</p>;
  return <NoObserver following={following} />;
}

function Mesh({ seen: { mesh, links, history, news }, following }: { seen: MeshView; following: Following }) {
  const [chosen, choose] = useChosen(links);
  const demonstrations = useDemonstrations();
  const isNarrow = useMedia(NARROW);
  const workloads = shownWorkloads(mesh);
  const link = links.find(({ id }) => id === chosen);
  const played = demonstrations.value?.demonstrations.find(({ name, system }) => name === mesh.play?.name && system === mesh.play.system);
  return (
    <div class="mesh">
      <State following={following} links={links} mesh={mesh} />
      <div class="mesh-stage">
        <div class="mesh-main">
          <Picture workloads={workloads} links={links} chosen={link?.id} onChoose={choose} />
          <div class="mesh-signs">
            <Legend />
            <Engines mesh={mesh} />
          </div>
          <section aria-labelledby="mesh-demonstrations">
            <h2 id="mesh-demonstrations">Play a demonstration</h2>
            <p class="quiet">
              Users call a system while a service of it is slow, faulty or stopped. The policies in mesh/ alone decide what happens.
            </p>
            <Demonstrations play={mesh.play} loaded={demonstrations} />
          </section>
        </div>
        {mesh.play !== undefined && played !== undefined && <Played play={mesh.play} demonstration={played} />}
        {link !== undefined && <Details link={link} history={history} />}
        <News news={news} />
      </div>
      <details class="mesh-all" open={!isNarrow}>
        <summary>
          <h2>All figures, as tables</h2>
        </summary>
        <Tables links={links} workloads={workloads} />
      </details>
    </div>
  );
}

function Engines({ mesh }: { mesh: MeshView['mesh'] }) {
  return (
    <ul class="mesh-engines" aria-label="Engines">
      {mesh.engines.map(({ name, title, state }) => (
        <li key={name}>
          {title} <span class="quiet">{stateInWords(state)}</span>
        </li>
      ))}
    </ul>
  );
}

function News({ news }: { news: MeshView['news'] }) {
  return (
    <section class="mesh-news" aria-labelledby="mesh-news">
      <h2 id="mesh-news">What happened</h2>
      {news.length === 0 ? (
        <p class="quiet">Nothing yet: circuits that open, and replicas that are ejected, appear here.</p>
      ) : (
        <ol>
          {news.map(({ at, text, isBad }) => (
            <li key={`${at} ${text}`} class={isBad ? 'bad' : undefined}>
              <time>{timeOfDay(new Date(at))}</time>
              <Icon name={isBad ? 'warning' : 'check'} /> {text}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** How fresh the picture is, whether circuits are closed, and whether the policies are in force. */
function State({ following, links, mesh }: { following: Following; links: readonly Link[]; mesh: MeshView['mesh'] }) {
  const open = links.filter(({ isOpen }) => isOpen);
  const ejected = [...new Set(links.flatMap((link) => link.ejected))];
  return (
    <div class="mesh-state">
      {following.state === 'live' ? (
        <Status tone="good">Live</Status>
      ) : (
        <Status tone="waiting">{following.state === 'waiting' ? 'The observer is away: trying again' : 'Connecting'}</Status>
      )}
      {open.length > 0 ? (
        <Status tone="bad">{`Circuit open: ${open.map(({ from, to }) => `${from} → ${to}`).join(', ')}`}</Status>
      ) : (
        <Status tone="good">All circuits closed</Status>
      )}
      {ejected.length > 0 && <Status tone="bad">{`Ejected: ${ejected.join(', ')}`}</Status>}
      {mesh.policies?.inForce === false && (
        <div class="mesh-defect">
          <Status tone="bad">The policy files have an error; those before it are in force</Status>
          <pre>{mesh.policies.error}</pre>
        </div>
      )}
    </div>
  );
}

/** Which link is chosen. Until somebody chooses, it is the one with an open circuit, and then stays. */
function useChosen(links: readonly Link[]): [string | undefined, (id: string) => void] {
  const [chosen, choose] = useState<string>();
  const last = useRef<string>(undefined);
  if (chosen === undefined) last.current = links.find(({ isOpen }) => isOpen)?.id ?? last.current ?? usual(links)?.id;
  return [chosen ?? last.current, choose];
}

/** Calls that nobody outside sees come first: a service that is called itself calls another. */
function usual(links: readonly Link[]): Link | undefined {
  return links.find(({ from, isUsed }) => isUsed && from !== 'gateway' && links.some(({ to }) => to === from)) ?? links[0];
}
