/** A link of the navigation. */
export interface Place {
  readonly href: string;
  readonly name: string;
}

/** A group of pages for one kind of user. */
export interface Area extends Place {
  readonly places: readonly Place[];
}

/** Returns the area of a path: the one with the longest matching address. */
export function areaOf(areas: readonly Area[], path: string): Area | undefined {
  const matching = areas.filter(({ href }) => `${bare(path)}/`.startsWith(`${bare(href)}/`));
  return matching.toSorted((one, other) => other.href.length - one.href.length)[0];
}

/** Returns the place of a path within an area. The first place of an area matches only its own address. */
export function placeOf({ href: first, places }: Area, path: string): Place | undefined {
  const matching = places.filter(({ href }) => isAt(path, href) || (href !== first && path.startsWith(`${bare(href)}/`)));
  return matching.toSorted((one, other) => other.href.length - one.href.length)[0];
}

/** Compares a path with an address, ignoring a trailing slash. */
export function isAt(path: string, href: string): boolean {
  return bare(path) === bare(href);
}

const bare = (path: string) => path.replace(/\/$/, '');
