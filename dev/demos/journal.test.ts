import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, type Undo } from './journal.ts';

/** This process stands for a supervisor that lives. */
const supervisor = process.pid;
const [faults, replicas]: Undo[] = [
  { kind: 'faults', service: 'car' },
  { kind: 'replicas', service: 'car', replicas: 1 },
];

let folder: string;
const file = () => join(folder, 'demonstration.json');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a process that has ended in the place of the one that has begun the entry. */
function killed(who: 'holder' | 'supervisor'): void {
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(file(), JSON.stringify({ ...JSON.parse(readFileSync(file(), 'utf8')), [who]: `${pid} 1` }));
}

describe('the journal of demonstrations', () => {
  it('lets one demonstration begin at a time', () => {
    expect(new Journal(folder).isHeld).toBe(false);
    expect(new Journal(folder).begin(supervisor)).toBe(true);
    expect(new Journal(folder).isHeld).toBe(true);
    expect(new Journal(folder).begin(supervisor)).toBe(false);
    new Journal(folder).end();
    expect(new Journal(folder).begin(supervisor)).toBe(true);
  });

  it('has the changes of a killed demonstration, the last one first, and none of a living one', () => {
    const journal = new Journal(folder);
    journal.begin(supervisor);
    for (const undo of [faults, replicas]) if (undo) journal.add(undo);
    expect(journal.orphan).toBeUndefined();
    killed('holder');
    expect(journal.orphan).toEqual({ undos: [replicas, faults], isRunning: true });
    expect(journal.isHeld).toBe(false);
  });

  it('forgets a change that was undone', () => {
    const journal = new Journal(folder);
    journal.begin(supervisor);
    for (const undo of [faults, replicas]) if (undo) journal.add(undo);
    if (faults) journal.remove(faults);
    killed('holder');
    expect(journal.orphan?.undos).toEqual([replicas]);
  });

  it('says whether the changed system is gone as well', () => {
    const journal = new Journal(folder);
    journal.begin(supervisor);
    killed('holder');
    killed('supervisor');
    expect(journal.orphan?.isRunning).toBe(false);
  });

  it('leaves nothing in the folder when it ends', () => {
    const journal = new Journal(folder);
    journal.begin(supervisor);
    journal.end();
    expect(existsSync(file())).toBe(false);
  });
});
