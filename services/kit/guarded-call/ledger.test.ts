import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Effect, EffectLedger } from './ledger.ts';

const SUBJECTS = ['a', 'b'];

const deliveries = fc.array(
  fc.record({
    kind: fc.constantFrom('apply', 'release'),
    id: fc.constantFrom('1', '2', '3'),
    subjectId: fc.constantFrom(...SUBJECTS),
    /** Whether the delivery begins a new transaction. */
    isFirst: fc.boolean(),
  }),
  { maxLength: 40 },
);

type Delivery = typeof deliveries extends fc.Arbitrary<infer D> ? (D extends readonly (infer E)[] ? E : never) : never;

/** Delivers requests in transactions to subjects with `free` units each. An effect takes one unit. */
function deliver(free: number, requests: readonly Delivery[]) {
  const units = new Map(SUBJECTS.map((subject) => [subject, free]));
  const stored = new Map<string, Effect>();
  let ledger = new EffectLedger([]);
  const commit = () => {
    const { added, released } = ledger.changes();
    for (const effect of [...added, ...released]) stored.set(effect.id, effect);
    ledger = new EffectLedger([...stored.values()]);
  };
  const answers = requests.map(({ kind, isFirst, ...key }) => {
    if (isFirst) commit();
    const left = units.get(key.subjectId) ?? 0;
    const move = (by: number) => {
      units.set(key.subjectId, left + by);
      return 'moved' as const;
    };
    if (kind === 'release') return ledger.release(key, () => move(1));
    return ledger.apply(
      key,
      () => (left > 0 ? { taken: move(-1) } : 'OUT'),
      () => true,
    );
  });
  commit();
  return { units, stored, answers };
}

describe('effects on a subject', () => {
  it('are its initial units less the units left, after any deliveries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), deliveries, (free, requests) => {
        const { units, stored } = deliver(free, requests);
        for (const [subject, left] of units) {
          const live = [...stored.values()].filter(({ subjectId, state }) => subjectId === subject && state !== 'RELEASED').length;
          expect(left + live).toBe(free);
          expect(left).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('come out the same when each delivery arrives twice in a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), deliveries, (free, requests) => {
        const twice = deliver(
          free,
          requests.flatMap((request) => [request, request]),
        );
        const once = deliver(free, requests);
        expect(twice.units).toEqual(once.units);
        expect(twice.stored).toEqual(once.stored);
      }),
    );
  });

  it('come out the same however deliveries are divided into transactions', () => {
    fc.assert(
      fc.property(deliveries, (requests) => {
        const alone = deliver(
          2,
          requests.map((request) => ({ ...request, isFirst: true })),
        );
        expect(deliver(2, requests)).toEqual(alone);
      }),
    );
  });
});

describe('an effect', () => {
  const key = { id: '1', subjectId: 'a' } as const;
  const refuseRule = () => {
    throw new Error('the rule ran');
  };

  it('is refused once it was released, whichever arrived first', () => {
    fc.assert(
      fc.property(deliveries, (requests) => {
        const release: Delivery = { kind: 'release', ...key, isFirst: true };
        const take: Delivery = { kind: 'apply', ...key, isFirst: true };
        const { stored, answers } = deliver(9, [...requests, release, take]);
        const effect = stored.get('1');
        if (effect?.subjectId === 'a') expect([effect.state, answers.at(-1)]).toEqual(['RELEASED', 'EFFECT_RELEASED']);
        else expect(answers.at(-1)).toBe('EFFECT_OF_OTHER_CONTENT');
      }),
    );
  });

  it('is refused to a request with other content under its id', () => {
    const ledger = new EffectLedger([{ ...key, state: 'CONFIRMED' }]);
    expect(ledger.apply({ ...key, subjectId: 'b' }, refuseRule, () => true)).toBe('EFFECT_OF_OTHER_CONTENT');
    expect(ledger.apply(key, refuseRule, () => false)).toBe('EFFECT_OF_OTHER_CONTENT');
    expect(ledger.apply(key, refuseRule, () => true)).toBeUndefined();
    expect(ledger.changes()).toEqual({ added: [], released: [] });
  });

  it('on one subject is not released by a request that names another', () => {
    const ledger = new EffectLedger([{ ...key, state: 'CONFIRMED' }]);
    expect(ledger.release({ ...key, subjectId: 'b' }, refuseRule)).toBeUndefined();
    expect(ledger.changes()).toEqual({ added: [], released: [] });
  });

  it('that is refused by the rule leaves nothing', () => {
    const ledger = new EffectLedger([]);
    expect(
      ledger.apply(
        key,
        () => 'OUT',
        () => true,
      ),
    ).toBe('OUT');
    expect(ledger.changes()).toEqual({ added: [], released: [] });
  });
});
