import { expect } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';

/** Changes one resource of a policy file: `path` is where in it, `value` what is put there; undefined takes it out. */
export interface Change {
  readonly kind: 'DestinationRule' | 'VirtualService';
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** The text of a policy file with changes made. @param file its name, for what is said if a resource is not there */
export function changed(file: string, text: string, changes: readonly Change[]): string {
  const documents = parseAllDocuments(text);
  for (const { kind, path, value } of changes) {
    const found = documents.filter((document): document is Document.Parsed => 'get' in document && document.get('kind') === kind);
    expect(found, `${kind}s in ${file}`).toHaveLength(1);
    if (value === undefined) found[0]?.deleteIn(path);
    else found[0]?.setIn(path, value);
  }
  return documents.map(String).join('');
}
