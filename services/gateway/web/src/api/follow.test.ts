import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { ErrorInfoSchema } from '#proto/es/google/rpc/error_details_pb.ts';
import { backOff, type Following, follow } from './follow.ts';
import { setProblemWords } from './problem.ts';

interface Message {
  readonly token: string;
}

type Script = readonly (Message | Error)[];

/** Plays one script for each opening: messages, and an error if there is one at its end. The page is left when the scripts are used up. */
async function play(scripts: readonly Script[]): Promise<{ tokens: string[]; got: string[]; states: Following[]; waits: number[] }> {
  const page = new AbortController();
  const left = [...scripts];
  const [tokens, got, waits]: [string[], string[], number[]] = [[], [], []];
  const states: Following[] = [];
  await follow<Message>(
    {
      async *open(token) {
        tokens.push(token);
        for (const each of left.shift() ?? []) {
          if (each instanceof Error) throw each;
          yield each;
        }
      },
      tokenOf: ({ token }) => token,
      onMessage: ({ token }) => got.push(token),
      onState: (state) => states.push(state),
      wait: async (seconds) => {
        waits.push(seconds);
        if (left.length === 0) page.abort();
      },
      random: () => 1,
    },
    page.signal,
  );
  return { tokens, got, states, waits };
}

const broken = new ConnectError('', Code.Unavailable);

describe('following a stream', () => {
  it('takes it up again after the last message that arrived, whether it ended or broke', async () => {
    const { tokens, got } = await play([[{ token: '1' }, { token: '2' }], [{ token: '3' }, broken], [{ token: '4' }]]);
    expect(tokens).toEqual(['', '2', '3']);
    expect(got).toEqual(['1', '2', '3', '4']);
  });

  it('waits longer after each failure in a row, and starts anew after a message', async () => {
    const { waits } = await play([[broken], [broken], [broken], [{ token: '1' }, broken], [broken]]);
    expect(waits).toEqual([1, 1, 2, 1, 1]);
  });

  it('says what it does: connecting, live, waiting with the reason', async () => {
    const { states } = await play([[{ token: '1' }, broken]]);
    expect(states.map(({ state }) => state)).toEqual(['connecting', 'live', 'waiting']);
    expect(states.at(-1)).toMatchObject({ problem: { retryAfterSeconds: 1 } });
  });

  it('gives up, and says so, when repeating cannot help', async () => {
    const { tokens, states } = await play([[new ConnectError('', Code.PermissionDenied)], [{ token: '1' }]]);
    expect(tokens).toEqual(['']);
    expect(states.at(-1)?.state).toBe('failed');
  });

  it('continues if the words of the system say that the reason passes', async () => {
    setProblemWords({ VIEW_NOT_FOUND: { title: 'Not yet.', advice: 'Wait.', passing: true } });
    const unknown = new ConnectError('', Code.NotFound, undefined, [
      { desc: ErrorInfoSchema, value: { reason: 'VIEW_NOT_FOUND', domain: 'rentmesh' } },
    ]);
    const silence = new ConnectError('', Code.DeadlineExceeded);
    const { tokens, got, states } = await play([[unknown], [silence], [], [{ token: '1' }]]);
    expect(tokens, 'each attempt is from the start').toEqual(['', '', '', '']);
    expect(got).toEqual(['1']);
    expect(states.map(({ state }) => state)).not.toContain('failed');
    setProblemWords({});
  });

  it('gives up on what does not exist for another reason', async () => {
    const { states } = await play([[new ConnectError('', Code.NotFound)], [{ token: '1' }]]);
    expect(states.at(-1)?.state).toBe('failed');
  });

  it('ends with the page, in the middle of a stream and of a wait', async () => {
    const page = new AbortController();
    const got: number[] = [];
    await follow<number>(
      {
        async *open() {
          for (let number = 0; ; number++) yield number;
        },
        tokenOf: String,
        onMessage: (number) => {
          got.push(number);
          if (number === 2) page.abort();
        },
        onState: () => {},
        wait: () => Promise.reject(new Error('not reached')),
      },
      page.signal,
    );
    expect(got).toEqual([0, 1, 2]);
    const leaving = new AbortController();
    const rejected = () => Promise.reject(new Error('the page was left'));
    const open = () => {
      throw broken;
    };
    await follow({ open, tokenOf: String, onMessage: () => {}, onState: () => {}, wait: rejected }, leaving.signal);
  });
});

describe('the wait', () => {
  it('doubles up to a limit, with jitter down to half of it', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map((failures) => backOff(failures, 0, () => 1))).toEqual([0.5, 1, 2, 4, 8, 15, 15]);
    expect(backOff(3, 0, () => 0)).toBe(1);
  });

  it('is at least what the system asks for', () => {
    expect(backOff(1, 5, () => 0)).toBe(5);
  });
});
