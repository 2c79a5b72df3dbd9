/**
 * The state of an effect: APPLIED, CONFIRMED by a report of the caller, or RELEASED, which is final. A release that arrives first
 * leaves RELEASED too, so that a late effect is refused.
 */
export type EffectState = 'APPLIED' | 'CONFIRMED' | 'RELEASED';

/** Names an effect: the id of the caller's entity, and the row of the callee that the effect changes. */
export interface EffectKey {
  readonly id: string;
  readonly subjectId: string;
}

/** An effect that is or was applied. */
export interface Effect extends EffectKey {
  readonly state: EffectState;
}

/** Why an effect cannot be applied, besides the refusals of the rule. */
export type EffectRefusal =
  /** The effect was released before. */
  | 'EFFECT_RELEASED'
  /** The id has an effect of a request with other content. */
  | 'EFFECT_OF_OTHER_CONTENT';

/** Effects to store. */
export interface EffectChanges {
  readonly added: readonly Effect[];
  readonly released: readonly Effect[];
}

/** Decides which effects act, each at most once. Works on effects that a transaction has locked, in memory. */
export class EffectLedger {
  readonly #locked: ReadonlyMap<string, Effect>;
  readonly #now: Map<string, Effect>;

  /** `locked`: the effects that exist of the ids in question. */
  constructor(locked: readonly Effect[]) {
    this.#locked = new Map(locked.map((effect) => [effect.id, effect]));
    this.#now = new Map(this.#locked);
  }

  /**
   * Applies an effect once per id. `apply` decides about the subject: a refusal, a text, leaves no effect. `isSame` says whether
   * the subject has the effect of this very request. Returns what `apply` returns; undefined for a repetition.
   */
  apply<D>({ id, subjectId }: EffectKey, apply: () => D, isSame: () => boolean): D | EffectRefusal | undefined {
    const effect = this.#now.get(id);
    if (effect === undefined) {
      const decision = apply();
      if (typeof decision !== 'string') this.#now.set(id, { id, subjectId, state: 'APPLIED' });
      return decision;
    }
    if (effect.subjectId !== subjectId) return 'EFFECT_OF_OTHER_CONTENT';
    if (effect.state === 'RELEASED') return 'EFFECT_RELEASED';
    return isSame() ? undefined : 'EFFECT_OF_OTHER_CONTENT';
  }

  /**
   * Releases an effect once per id. Without an effect only the mark is left that refuses a late effect. An effect on another
   * subject stays: if no report confirms the effect, the question about the effect names its subject.
   */
  release<D>({ id, subjectId }: EffectKey, undo: () => D): D | undefined {
    const effect = this.#now.get(id);
    if (effect !== undefined && (effect.subjectId !== subjectId || effect.state === 'RELEASED')) return undefined;
    this.#now.set(id, { id, subjectId, state: 'RELEASED' });
    return effect === undefined ? undefined : undo();
  }

  /** Returns the effects that have changed: new ones and released ones, in the order of their ids. */
  changes(): EffectChanges {
    const changed = [...this.#now.values()].filter((effect) => this.#locked.get(effect.id) !== effect);
    changed.sort((a, b) => (a.id < b.id ? -1 : 1));
    return {
      added: changed.filter(({ id }) => !this.#locked.has(id)),
      released: changed.filter(({ id }) => this.#locked.has(id)),
    };
  }
}
