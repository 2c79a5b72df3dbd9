import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import architecture from '../../../../../docs/architecture.md?url';
import { Icon } from '../ui/icon.tsx';
import { Announcer } from './announce.tsx';
import { type Area, areaOf, isAt, type Place, placeOf } from './areas.ts';
import { person } from './person.ts';
import { PersonDialog } from './person-dialog.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

interface ShellProps {
  /** Title of the current system. */
  readonly title: string | undefined;
  readonly areas: readonly Area[];
  readonly children: ComponentChildren;
}

/** The frame of every page: skip link, navigation, user, footer. */
export function Shell({ title, areas, children }: ShellProps) {
  const { path } = useLocation();
  const area = areaOf(areas, path);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <div class="bar">
          <a class="brand" href="/app/">
            <img src="/app/icon.svg" alt="" width="28" height="28" />
            <span>{title === undefined ? 'Rentmesh' : `Rentmesh · ${title}`}</span>
          </a>
          <nav class="areas" aria-label="Areas">
            <Links places={areas} here={area} path={path} />
          </nav>
          <ThemeSwitch />
          <PersonButton />
        </div>
        {area !== undefined && area.places.length > 0 && (
          <nav class="places" aria-label={area.name}>
            <Links places={area.places} here={placeOf(area, path)} path={path} />
          </nav>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <p>
          These pages use the public API only: <a href="/docs">read it and try it</a>. How a call passes through the mesh:{' '}
          <a href={architecture}>architecture</a>.
        </p>
        <p>
          <a href="/app/licenses.md">Licences</a>
        </p>
      </footer>
      <Announcer />
    </>
  );
}

/** Links to places. Marks the current one. */
function Links({ places, here, path }: { places: readonly Place[]; here: Place | undefined; path: string }) {
  return (
    <ul>
      {places.map((place) => (
        <li key={place.href}>
          <a href={place.href} aria-current={place !== here ? undefined : isAt(path, place.href) ? 'page' : 'true'}>
            {place.name}
          </a>
        </li>
      ))}
    </ul>
  );
}

function PersonButton() {
  const [asking, setAsking] = useState(false);
  const who = person.value;
  return (
    <>
      <button type="button" class="person" aria-haspopup="dialog" onClick={() => setAsking(true)}>
        <Icon name="person" />
        {who === undefined ? (
          'Who are you?'
        ) : (
          <>
            <span class="unseen">You are</span>
            <span class="name">{who.userName || who.userId}</span>
          </>
        )}
      </button>
      {asking && <PersonDialog onClose={() => setAsking(false)} />}
    </>
  );
}
