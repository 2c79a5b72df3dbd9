import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownedFolder } from './owned-folder.ts';

let shared: string;
beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'rentmesh-owned-'));
});
afterEach(() => rmSync(shared, { recursive: true, force: true }));

describe('a folder in a directory that all users share', () => {
  it('is made for this user alone, and used again', () => {
    const path = join(shared, 'state');
    expect(ownedFolder(path)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(ownedFolder(path)).toBe(path);
  });

  it('is refused if others may write into it, or it is no folder', () => {
    const open = join(shared, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    expect(() => ownedFolder(open)).toThrow(`${open} has to be a folder of root or of this user`);
    const link = join(shared, 'link');
    symlinkSync(shared, link);
    expect(() => ownedFolder(link)).toThrow('has to be a folder');
    const file = join(shared, 'file');
    writeFileSync(file, '');
    expect(() => ownedFolder(file)).toThrow();
  });
});
