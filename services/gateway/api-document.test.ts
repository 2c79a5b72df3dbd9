import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ApiDocuments, type Format, onlyRunning } from './api-document.ts';

const all = {
  openapi: '3.1.0',
  info: { title: 'All', description: 'Two lines,\n\n# with a `heading`.' },
  paths: {
    '/one/things': { get: { tags: ['One'], description: 'One\n\nline' } },
    '/two/things/{id}:end': { post: { tags: ['Two'], description: `${'many words '.repeat(30)}\n` } },
    '/mesh:watch': { get: { tags: ['Mesh'] } },
  },
  tags: [{ name: 'One' }, { name: 'Two' }, { name: 'Mesh' }],
  components: {
    schemas: { 'one.a.v1.A': {}, 'two.b.v1.B': { enum: ['yes', 'null', '1'] }, 'rentmesh.observer.v1.Mesh': {}, 'google.rpc.Status': {} },
  },
};

it('a document of the running systems has their paths, tags and schemas, and those of the platform', () => {
  const shown = onlyRunning(all, new Set(['two']));
  expect(Object.keys(shown.paths)).toEqual(['/two/things/{id}:end', '/mesh:watch']);
  expect(shown.tags).toEqual([{ name: 'Two' }, { name: 'Mesh' }]);
  expect(Object.keys(shown.components.schemas)).toEqual(['two.b.v1.B', 'rentmesh.observer.v1.Mesh', 'google.rpc.Status']);
  expect(shown.info).toEqual(all.info);
});

describe('the served document', () => {
  let folder: string;
  let systems: ReadonlySet<string>;
  let documents: ApiDocuments;

  function build(document: object): void {
    writeFileSync(join(folder, 'draft'), JSON.stringify(document));
    renameSync(join(folder, 'draft'), join(folder, 'openapi.json'));
  }

  async function text(format: Format): Promise<string> {
    const file = await documents.get(format);
    const [gzip] = file?.compressed ?? [];
    expect(gzip && gunzipSync(gzip.content)).toEqual(file?.identity.content);
    return String(file?.identity.content);
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rentmesh-api-document-'));
    systems = new Set(['one', 'two']);
    documents = new ApiDocuments(join(folder, 'openapi.json'), () => systems);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the same as JSON and as YAML', async () => {
    build(all);
    expect(JSON.parse(await text('json'))).toEqual(all);
    expect(parse(await text('yaml'))).toEqual(all);
  });

  it('changes with the running systems, and its tag with it', async () => {
    build(all);
    const before = await documents.get('json');
    systems = new Set(['one']);
    const after = await documents.get('json');
    expect(JSON.parse(await text('json'))).toEqual(onlyRunning(all, systems));
    expect(after?.identity.etag).not.toBe(before?.identity.etag);
    expect(await documents.get('json')).toBe(after);
  });

  it('changes with a new build, and is absent before the first one', async () => {
    expect(documents.get('json')).toBeUndefined();
    build(all);
    expect(JSON.parse(await text('json')).info).toEqual(all.info);
    build({ ...all, info: { title: 'Newer' } });
    expect(JSON.parse(await text('json')).info).toEqual({ title: 'Newer' });
  });
});
