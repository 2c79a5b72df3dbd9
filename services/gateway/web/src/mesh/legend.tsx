/** What the signs of the picture mean. */
export function Legend() {
  return (
    <ul class="mesh-legend" aria-label="Signs">
      <li>
        <svg viewBox="0 0 24 16" aria-hidden="true">
          <path class="mesh-sidecar" d="M7,5 l5,-3 l5,3 v6 l-5,3 l-5,-3z" />
        </svg>
        Sidecar
      </li>
      <li>
        <Sign isOpen={false} />
        Circuit closed
      </li>
      <li class="open">
        <Sign isOpen />
        Circuit open
      </li>
      <li>
        <svg class="mesh-replica ejected" viewBox="0 0 24 16" aria-hidden="true">
          <rect class="mesh-chip" x="1" y="1" width="22" height="14" rx="4" />
          <rect class="mesh-hatched" x="1" y="1" width="22" height="14" rx="4" fill="url(#mesh-hatch)" />
        </svg>
        Ejected
      </li>
      <li>
        <svg class="mesh-link declared" viewBox="0 0 24 16" aria-hidden="true">
          <path class="mesh-line" d="M1,8 H23" />
        </svg>
        Not called yet
      </li>
    </ul>
  );
}

function Sign({ isOpen }: { isOpen: boolean }) {
  return (
    <svg class={`mesh-switch ${isOpen ? 'open' : ''}`} viewBox="0 0 24 16" aria-hidden="true">
      <g transform="translate(12 10)">
        <line class={`mesh-lever ${isOpen ? 'lifted' : ''}`} x1="-7" y1="0" x2="7" y2="0" />
        <circle cx="-7" cy="0" r="2.5" />
        <circle cx="7" cy="0" r="2.5" />
      </g>
    </svg>
  );
}
