import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';

const areas = [
  { href: '/app/', name: 'Customers' },
  { href: '/app/manage', name: 'Managers' },
  { href: '/app/mesh', name: 'Mesh' },
];

/** What surrounds every page: the way past the navigation, the navigation, and where to read on. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <span class="brand">Rentmesh</span>
        <nav aria-label="Areas">
          {areas.map(({ href, name }) => (
            <a key={href} href={href} aria-current={path === href.replace(/\/$/, '') ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <a href="/docs">API</a>
      </footer>
    </>
  );
}
