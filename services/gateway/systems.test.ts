import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runningSystems, splitNames, systemOf } from './systems.ts';

const folder = mkdtempSync(join(tmpdir(), 'rentmesh-systems-'));
const file = join(folder, 'systems');
afterAll(() => rmSync(folder, { recursive: true }));

it('all systems of the contracts run, unless a variable names some', () => {
  const all = ['b.x.v1.S', 'a.y.v1.T', 'b.z.v1.U'].map(systemOf);
  expect([...runningSystems({ file: undefined, names: undefined, all })()]).toEqual(['a', 'b']);
  expect([...runningSystems({ file: undefined, names: splitNames('b,dashboards'), all })()]).toEqual(['b']);
});

it('a file wins over the variable, and its changes are seen at once', () => {
  const running = runningSystems({ file, names: ['a'], all: ['a', 'c', 'd'] });
  expect([...running()]).toEqual(['a']);
  for (const names of [['c', 'd'], ['d']]) {
    writeFileSync(`${file}.draft`, names.join('\n'));
    renameSync(`${file}.draft`, file);
    expect([...running()]).toEqual(names);
  }
});
