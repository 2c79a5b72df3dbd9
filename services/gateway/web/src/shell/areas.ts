/** A place that the navigation leads to. */
export interface Place {
  readonly href: string;
  readonly name: string;
}

/** A part of the app for one kind of person, with its pages. */
export interface Area extends Place {
  readonly places: readonly Place[];
}

export const areas: readonly Area[] = [
  {
    href: '/app/',
    name: 'Customers',
    places: [
      { href: '/app/', name: 'Find a car' },
      { href: '/app/reservations', name: 'My reservations' },
    ],
  },
  {
    href: '/app/manage',
    name: 'Managers',
    places: [
      { href: '/app/manage', name: 'Cars' },
      { href: '/app/manage/reservations', name: 'Reservations' },
      { href: '/app/manage/allocations', name: 'Allocations' },
    ],
  },
  { href: '/app/mesh', name: 'Mesh', places: [] },
];

/** The area that a path belongs to: the one with the longest address that the path starts with. */
export function areaOf(path: string): Area | undefined {
  const within = areas.filter(({ href }) => `${path}/`.startsWith(bare(href) === '/app' ? '/app/' : `${bare(href)}/`));
  return within.toSorted((one, other) => other.href.length - one.href.length)[0];
}

/**
 * The place of an area that a path belongs to: that of its own address, or the nearest above it; the area's first place is above nothing,
 * because everything is below it.
 */
export function placeOf({ href: first, places }: Area, path: string): Place | undefined {
  const above = places.filter(({ href }) => isAt(path, href) || (href !== first && path.startsWith(`${bare(href)}/`)));
  return above.toSorted((one, other) => other.href.length - one.href.length)[0];
}

/** Whether an address is that of a path, a slash at the end aside. */
export function isAt(path: string, href: string): boolean {
  return bare(path) === bare(href);
}

const bare = (path: string) => path.replace(/\/$/, '');
