import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAtomically } from './files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a configuration file', () => {
  it('is replaced as a whole and leaves nothing else behind', () => {
    const path = writeAtomically(directory, 'cds.json', 'one');
    const before = statSync(path).ino;
    writeAtomically(directory, 'cds.json', 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(directory)).toEqual(['cds.json']);
  });

  it('is left alone if it would not change, so that Envoy does not reload it', () => {
    const path = writeAtomically(directory, 'cds.json', 'one');
    const before = statSync(path).ino;
    writeAtomically(directory, 'cds.json', 'one');
    expect(statSync(path).ino).toBe(before);
  });
});
