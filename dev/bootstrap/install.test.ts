import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environment, hashOf, packagesAreInstalled } from './install.mjs';
import { lockIsHeld, processStart, withLock } from './lock.mjs';
import { excerpt, majorVersion } from './tools.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('versions', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_392"', 8],
    ['openjdk version "21" 2023-09-19', 21],
    ['Python 3.11.7', 3],
  ])('%s', (text, major) => {
    expect(majorVersion(text)).toBe(major);
  });
});

describe('packages are installed', () => {
  const lock = (packages: object) => JSON.stringify({ packages });
  const wanted = lock({
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/b': { version: '2.0.0', optional: true },
  });

  it('if every package is there in its version, those of other platforms apart', () => {
    expect(packagesAreInstalled(wanted, lock({ 'node_modules/a': { version: '1.0.0', integrity: 'x' } }))).toBe(true);
  });

  it('but not if one is missing, of another version, or nothing is known', () => {
    expect(packagesAreInstalled(wanted, lock({}))).toBe(false);
    expect(packagesAreInstalled(wanted, lock({ 'node_modules/a': { version: '1.0.1', integrity: 'y' } }))).toBe(false);
    expect(packagesAreInstalled(wanted, undefined)).toBe(false);
  });
});

describe('the hash of files', () => {
  it('changes with a name and with a content', () => {
    const hashes = new Set([hashOf([folder])]);
    for (const [name, content] of [
      ['a', '1'],
      ['a', '2'],
      ['b', '2'],
    ] as const) {
      writeFileSync(join(folder, name), content);
      hashes.add(hashOf([folder]));
    }
    expect(hashes.size).toBe(4);
  });
});

describe('the lock', () => {
  it('lets one process work at a time', async () => {
    const journal = join(folder, 'journal');
    const program = `
      import { appendFileSync } from 'node:fs';
      import { withLock } from ${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)};
      await withLock(${JSON.stringify(join(folder, 'lock'))}, () => {}, async () => {
        appendFileSync(${JSON.stringify(journal)}, 'begin ');
        await new Promise((resolve) => setTimeout(resolve, 50));
        appendFileSync(${JSON.stringify(journal)}, 'end ');
      });`;
    const processes = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' }));
    for (const [code] of await Promise.all(processes.map((each) => once(each, 'exit')))) expect(code).toBe(0);
    expect(readFileSync(journal, 'utf8')).toBe('begin end '.repeat(3));
  });

  it('is taken over from a process that died', async () => {
    const file = join(folder, 'lock');
    writeFileSync(file, `${process.pid} another start`);
    expect(lockIsHeld(readFileSync(file, 'utf8'))).toBe(false);
    expect(
      await withLock(
        file,
        () => expect.fail('waited for a dead process'),
        async () => 'done',
      ),
    ).toBe('done');
  });

  it('knows a process by its start', () => {
    expect(processStart(process.pid)).toBeDefined();
    expect(lockIsHeld(`${process.pid} ${processStart(process.pid)}`)).toBe(true);
    expect(processStart(2 ** 22 + 1)).toBeUndefined();
  });
});

describe('what is shown of a failed tool', () => {
  it('is the first lines and the last, without empty ones', () => {
    const output = Array.from({ length: 30 }, (_, index) => `line ${index}\n\n`).join('');
    expect(excerpt(output, 2, 3)).toBe('line 0\nline 1\n…\nline 27\nline 28\nline 29');
    expect(excerpt('one\ntwo\n')).toBe('one\ntwo');
  });
});

describe('the environment of what is started', () => {
  it('has nothing of the npm that started it', () => {
    process.env.npm_package_name = 'somebody';
    expect(environment()).not.toHaveProperty('npm_package_name');
    delete process.env.npm_package_name;
  });
});
