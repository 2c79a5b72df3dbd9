import type { Mesh } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { nameOf, reasonInWords } from './links.ts';

/** Something that a person who does not see the picture has to be told. */
export interface Item {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
  readonly isBad: boolean;
}

/** What was last told of each thing that can be in trouble, and for how many states it has been well since. */
export type Told = ReadonlyMap<string, { readonly wellFor: number; readonly over: string }>;

/** A circuit that is tried again and fails opens and closes each second: it is told as closed when it has stayed so for this many states. */
const WELL_FOR = 3;

/** What is new in a state. */
export function newsOf(told: Told, mesh: Mesh, at: number): { readonly told: Told; readonly items: readonly Item[] } {
  const troubles = new Map([...circuits(mesh), ...ejections(mesh)]);
  const next = new Map<string, { wellFor: number; over: string }>();
  const items: Item[] = [];
  for (const [key, { text, over }] of troubles) {
    if (!told.has(key)) items.push({ at, text, isBad: true });
    next.set(key, { wellFor: 0, over });
  }
  for (const [key, { wellFor, over }] of told) {
    if (troubles.has(key)) continue;
    if (wellFor + 1 < WELL_FOR) next.set(key, { wellFor: wellFor + 1, over });
    else items.push({ at, text: over, isBad: false });
  }
  return { told: next, items };
}

/** What is told when a trouble begins and when it is over, by a key of its own. */
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
