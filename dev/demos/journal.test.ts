import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from './journal.ts';

/** This process stands for a supervisor that lives. */
const found = { supervisor: process.pid, replicas: 2 };

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
    expect(new Journal(folder).begin(found)).toBe(true);
    expect(new Journal(folder).isHeld).toBe(true);
    expect(new Journal(folder).begin(found)).toBe(false);
    new Journal(folder).end();
    expect(new Journal(folder).begin(found)).toBe(true);
  });

  it('tells what a killed demonstration has left, and not what a living one will restore itself', () => {
    const journal = new Journal(folder);
    journal.begin(found);
    expect(journal.orphan).toBeUndefined();
    killed('holder');
    expect(journal.orphan).toEqual(found);
    expect(journal.isHeld).toBe(false);
  });

  it('has nothing to restore where the system is gone as well', () => {
    const journal = new Journal(folder);
    journal.begin(found);
    killed('holder');
    killed('supervisor');
    expect(journal.orphan).toBeUndefined();
  });

  it('leaves nothing in the folder when it ends', () => {
    const journal = new Journal(folder);
    journal.begin(found);
    journal.end();
    expect(existsSync(file())).toBe(false);
  });
});
