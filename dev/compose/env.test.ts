import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../paths.mjs';
import { passwordVariable, postgresDatabases } from './layout.ts';

const PASSWORDS = ['postgres', 'grafana', ...postgresDatabases].map(passwordVariable);

let project = '';
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rentmesh-env-'));
  mkdirSync(join(project, 'dev', 'compose'), { recursive: true });
  for (const name of ['env.sh', 'env.example']) cpSync(join(root, 'dev', 'compose', name), join(project, 'dev', 'compose', name));
});
afterEach(() => rmSync(project, { recursive: true }));

/** Runs env.sh in the project. @returns .env as it is then */
function environment(): Map<string, string> {
  const { status, stderr } = spawnSync('sh', [join(project, 'dev', 'compose', 'env.sh')], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = readFileSync(join(project, '.env'), 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe('env.sh', () => {
  it('makes a different random password for each role, which only the owner of the file can read', () => {
    expect(existsSync(join(project, '.env'))).toBe(false);
    const made = environment();
    const passwords = PASSWORDS.map((name) => made.get(name) ?? '');
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{48}$/);
    expect(new Set(passwords).size).toBe(PASSWORDS.length);
    expect(statSync(join(project, '.env')).mode & 0o777).toBe(0o600);
  });

  it('changes nothing that has a value, and adds what is missing or empty', () => {
    const [first = '', second = ''] = PASSWORDS;
    writeFileSync(join(project, '.env'), `COMPOSE_PROFILES=one,two\n${second}=\n${first}=kept`);
    const made = environment();
    expect(made.get('COMPOSE_PROFILES')).toBe('one,two');
    expect(made.get(first)).toBe('kept');
    expect(made.get(second)).toMatch(/^[0-9a-f]{48}$/);
    expect(environment()).toEqual(made);
  });

  it('writes a file that git ignores and that is not in the image', () => {
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('.env');
    expect(spawnSync('git', ['ls-files', '.env'], { cwd: root, encoding: 'utf8' }).stdout).toBe('');
    expect(readFileSync(join(root, '.dockerignore'), 'utf8')).not.toContain('!.env');
  });
});
