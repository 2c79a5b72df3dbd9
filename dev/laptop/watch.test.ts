import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Listing, listFiles, settling, watch } from './watch.ts';

/** A listing of files by their content. */
function seen(files: Readonly<Record<string, string>>): Listing {
  return new Map(Object.entries(files).map(([path, content]) => [path, { stamp: content, size: content.length }]));
}

/** The times, in milliseconds, at which a sequence of listings, one each 50 ms, is found complete. */
function completions(before: Record<string, string>, ...listings: Record<string, string>[]): number[] {
  const isComplete = settling(seen(before));
  return listings.flatMap((files, index) => (isComplete(seen(files), index * 50) ? [index * 50] : []));
}

/** A value so many times. */
function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

describe('a change of the files', () => {
  it('is complete when nothing has changed for a tenth of a second', () => {
    expect(completions({ a: '1' }, { a: '1' }, { a: '2' }, { a: '2' }, { a: '2' }, { a: '2' })).toEqual([150]);
  });

  it('is not complete while it goes on', () => {
    expect(completions({ a: '1' }, { a: '2' }, { a: '3' }, { a: '4' }, { a: '4' }, { a: '4' })).toEqual([200]);
  });

  it('is none when everything is as before', () => {
    expect(completions({ a: '1' }, { a: '2' }, { a: '1' }, ...times(20, { a: '1' }))).toEqual([]);
  });

  it('waits half a second for a file that is empty, or not there any more', () => {
    expect(completions({ a: '1' }, { a: '' }, ...times(6, { a: '' }), ...times(4, { a: '2' }))).toEqual([450]);
    expect(completions({ a: '1' }, ...times(8, {}), ...times(4, { a: '2' }))).toEqual([500]);
    expect(completions({ a: '1' }, ...times(12, {}))).toEqual([500]);
  });

  it('is seen once', () => {
    expect(completions({ a: '1' }, ...times(30, { a: '1', b: '1' }))).toEqual([100]);
  });
});

describe('watching a folder', () => {
  let folder = '';
  let changes = 0;
  let end: () => void = () => undefined;
  const path = (name: string) => join(folder, name);
  /** How often a change is reported: waits for the first report, and then as long as a second one would take. */
  const tellings = async (act: () => void): Promise<number> => {
    const before = changes;
    act();
    await vi.waitFor(() => expect(changes, 'changes that were reported').toBeGreaterThan(before), { timeout: 20_000, interval: 10 });
    await sleep(300);
    return changes - before;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rentmesh-test-'));
    writeFileSync(path('a.yaml'), 'one');
    end = watch(folder, listFiles(folder), async () => {
      changes += 1;
    });
  });
  afterEach(() => {
    end();
    rmSync(folder, { recursive: true });
  });

  it('tells of a file that is written over, however it is done', async () => {
    expect(await tellings(() => writeFileSync(path('a.yaml'), 'two'))).toBe(1);
    const replace = () => {
      writeFileSync(path('.a.yaml.swp'), 'six');
      renameSync(path('.a.yaml.swp'), path('a.yaml'));
    };
    expect(await tellings(replace)).toBe(1);
    const asideAndAnew = () => {
      renameSync(path('a.yaml'), path('a.yaml~'));
      writeFileSync(path('a.yaml'), '');
      writeFileSync(path('a.yaml'), 'new');
    };
    expect(await tellings(asideAndAnew)).toBe(1);
  });

  it('tells of files and folders that come and go', async () => {
    const come = () => {
      mkdirSync(path('deep/deeper'), { recursive: true });
      writeFileSync(path('deep/deeper/b.yml'), 'one');
    };
    expect(await tellings(come)).toBe(1);
    expect(await tellings(() => rmSync(path('deep'), { recursive: true }))).toBe(1);
  });

  it('does not tell of what is no policy, nor after its end', async () => {
    const before = changes;
    const others = () => {
      for (const name of ['.a.yaml.swp', 'a.yaml~', '4913', 'README.md', '#a.yaml#']) writeFileSync(path(name), 'x');
    };
    others();
    await sleep(300);
    end();
    writeFileSync(path('a.yaml'), 'end');
    await sleep(300);
    expect(changes).toBe(before);
  });
});
