import { describe, expect, it } from 'vitest';
import { Rounds } from './rounds.ts';

/** Rounds whose work is recorded; an item named `bad` fails, and `lost` fails as a store does that is away. */
function recorded(most = 100) {
  const worked: string[][] = [];
  const rounds = new Rounds<string>(async (items) => {
    worked.push([...items]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (items.includes('bad')) throw new Error('bad');
    if (items.includes('lost')) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  }, most);
  return { worked, rounds };
}

describe('rounds of work', () => {
  it('do what is asked for at once together, in its order', async () => {
    const { worked, rounds } = recorded();
    await Promise.all([rounds.do(['a', 'b']), rounds.do(['c']), rounds.do(['d'])]);
    expect(worked).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('take what is asked for during one of them into the next', async () => {
    const { worked, rounds } = recorded();
    const first = rounds.do(['a']);
    while (worked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, rounds.do(['b']), rounds.do(['c'])]);
    await rounds.do(['d']);
    expect(worked).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('have no more items than they may, unless one asks for more', async () => {
    const { worked, rounds } = recorded(2);
    await Promise.all([rounds.do(['a']), rounds.do(['b']), rounds.do(['c', 'd', 'e']), rounds.do(['f'])]);
    expect(worked).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f']]);
  });

  it('fail for nobody but whose items fail', async () => {
    const { worked, rounds } = recorded();
    const outcomes = await Promise.allSettled([rounds.do(['a']), rounds.do(['bad']), rounds.do(['c'])]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(worked).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
  });

  it('are not done again for each when the store is lost', async () => {
    const { worked, rounds } = recorded();
    const outcomes = await Promise.allSettled([rounds.do(['a']), rounds.do(['lost'])]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(worked).toHaveLength(1);
  });
});
