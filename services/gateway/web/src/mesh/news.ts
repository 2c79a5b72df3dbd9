import type { Mesh } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { nameOf, reasonInWords } from './links.ts';

/** An event of the mesh, in words. */
export interface Item {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
  readonly isBad: boolean;
}

/** The reported problems, by key. `wellFor`: the number of states since the problem ended. */
export type Reported = ReadonlyMap<string, { readonly wellFor: number; readonly over: string }>;

/** A circuit may reopen every second. Report its end after this many states without the problem. */
const WELL_FOR = 3;

/** Compares a state with the reported problems, and returns new events. */
export function newsOf(reported: Reported, mesh: Mesh, at: number): { readonly reported: Reported; readonly items: readonly Item[] } {
  const troubles = new Map([...circuits(mesh), ...ejections(mesh)]);
  const next = new Map<string, { wellFor: number; over: string }>();
  const items: Item[] = [];
  for (const [key, { text, over }] of troubles) {
    if (!reported.has(key)) items.push({ at, text, isBad: true });
    next.set(key, { wellFor: 0, over });
  }
  for (const [key, { wellFor, over }] of reported) {
    if (troubles.has(key)) continue;
    if (wellFor + 1 < WELL_FOR) next.set(key, { wellFor: wellFor + 1, over });
    else items.push({ at, text: over, isBad: false });
  }
  return { reported: next, items };
}

/** Problems by key, with the words for start and end. */
type Troubles = readonly (readonly [string, { readonly text: string; readonly over: string }])[];

function circuits({ calls }: Mesh): Troubles {
  return calls
    .filter(({ circuit }) => circuit?.open)
    .map((call) => {
      const name = nameOf(call);
      return [`circuit ${name}`, { text: `Circuit open: ${name} (${reasonInWords(call)}).`, over: `Circuit closed: ${name}.` }];
    });
}

function ejections({ calls }: Mesh): Troubles {
  return calls.flatMap((call) =>
    call.destinations
      .filter(({ ejected }) => ejected)
      .map(({ name }) => [
        `ejected ${nameOf(call)} ${name}`,
        { text: `${name} is ejected: ${call.caller} leaves it alone.`, over: `${name} is called again by ${call.caller}.` },
      ]),
  );
}
