import type { Place } from '../trace.ts';

/** One thing that is said about a call. */
export interface Statement {
  readonly text: string;
  /** The lines that decide it. */
  readonly places: readonly Place[];
  /** Who decides where no line does: `Istio default`. */
  readonly otherwise?: string | undefined;
}

/** Statements about one side of the matter. */
export interface Section {
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** What happens to a call. */
export interface Explanation {
  readonly title: string;
  readonly sections: readonly Section[];
}

/** A statement that a line decides; where there is none, Istio's default does. */
export function said(text: string, ...places: readonly (Place | undefined)[]): Statement {
  const known = places.filter((place) => place !== undefined);
  return known.length > 0 ? { text, places: known } : byDefault(text);
}

/** A statement that holds because no line says otherwise. */
export function byDefault(text: string, whose = 'Istio default'): Statement {
  return { text, places: [], otherwise: whose };
}

/** A statement that follows from those before it. */
export function follows(text: string, ...places: readonly (Place | undefined)[]): Statement {
  return { text, places: places.filter((place) => place !== undefined) };
}
