import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';
import { eventually } from '../../support/eventually.ts';
import { control, system } from '../../support/instance.ts';

/** The texts of the policy files that were changed, as they were before. */
const originals = new Map<string, string>();

/** Changes one resource of a policy file: `path` is where in it, `value` what is put there; undefined takes it out. */
export interface Change {
  readonly kind: 'DestinationRule' | 'VirtualService';
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Changes a policy file of the tested instance, such as `rentcar/car.yaml`, and waits until the mesh follows it. `restorePolicies` takes the
 * change back.
 */
export async function changePolicy(file: string, ...changes: readonly Change[]): Promise<void> {
  const path = join(system.mesh, file);
  const before = readFileSync(path, 'utf8');
  const documents = parseAllDocuments(before);
  for (const { kind, path: where, value } of changes) {
    const found = documents.filter((document): document is Document.Parsed => 'get' in document && document.get('kind') === kind);
    expect(found, `${kind}s in ${file}`).toHaveLength(1);
    if (value === undefined) found[0]?.deleteIn(where);
    else found[0]?.setIn(where, value);
  }
  if (!originals.has(path)) originals.set(path, before);
  await save(path, documents.map(String).join(''));
}

/** Takes all changes back and waits until the mesh follows the policies as they were. */
export async function restorePolicies(): Promise<void> {
  for (const [path, text] of originals) {
    await save(path, text);
    originals.delete(path);
  }
}

async function save(path: string, text: string): Promise<void> {
  const before = (await control.status()).policy;
  writeFileSync(path, text);
  const look = async () => {
    const { policy } = await control.status();
    expect(policy?.error).toBeUndefined();
    expect(policy?.at).not.toBe(before?.at);
  };
  await eventually(`what was saved in ${path} is in force`, look);
}
