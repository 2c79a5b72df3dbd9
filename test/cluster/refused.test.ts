import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../dev/paths.mjs';
import { readMesh } from '../../envoy/policy/mesh.ts';
import { KUBECTL, kubectl, run } from './support/command.ts';

const CASES = join(root, 'envoy', 'conformance', 'cases');
const refused = readdirSync(CASES).filter((name) => name.startsWith('refused-'));

const fileOf = (name: string) => join(CASES, name, 'input.yaml');

beforeAll(async () => {
  const texts = refused.map((name) => readFileSync(fileOf(name), 'utf8')).join('\n');
  const namespaces = new Set([...texts.matchAll(/namespace: *"?([a-z0-9-]+)/g)].map(([, name]) => name));
  const items = [...namespaces].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  // Those that are there stay as they are.
  await run(KUBECTL, ['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
});

describe('a policy that our lint refuses', () => {
  it.each(refused)('%s is refused by the cluster too', async (name) => {
    expect(() => readMesh([{ file: 'input.yaml', text: readFileSync(fileOf(name), 'utf8') }])).toThrow();
    const { code, stderr } = await run(KUBECTL, ['apply', '--dry-run=server', '--validate=strict', '-f', fileOf(name)]);
    const said = stderr.replaceAll(/\s+/g, ' ');
    // By the webhook of istiod, by the API server's decoding, or by the schema of the resource: and not since a namespace is missing.
    const [, complaint = ''] = /(?:denied the request: |strict decoding error: |is invalid: )(.+)/.exec(said) ?? [];
    console.log(`  ${name}: ${complaint.slice(0, 160)}`);
    expect(complaint, stderr).not.toBe('');
    expect(code).not.toBe(0);
  });

  it('is not confused with a policy that is well', async () => {
    await kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', join(root, 'mesh', 'rentcar', 'car.yaml')]);
  });
});
