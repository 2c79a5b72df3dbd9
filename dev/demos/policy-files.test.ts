import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limitedPool } from './changes.ts';
import { PolicyEdited, replaceFile, restorePolicy } from './policy-files.ts';

const RULE = `# The reason.
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: front, namespace: shop }
spec:
  host: front.shop.svc.cluster.local
  subsets:
    - name: guarded
      labels: { app: front }
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: front, namespace: shop }
---
`;

let folder: string;
const file = () => join(folder, 'front.yaml');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-policy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function edit(text: string, place: { rule: string; subset?: string }): string {
  const change = limitedPool({ file: 'front.yaml', ...place }, 1);
  return change.kind === 'policy' ? change.edit(text) : '';
}

describe('limitedPool', () => {
  it('sets the limit of a rule, or of a subset, and keeps everything else', () => {
    const whole = edit(SERVICE + RULE, { rule: 'front' });
    expect(whole).toContain('# The reason.');
    expect(whole).toMatch(/trafficPolicy:\s+connectionPool:\s+http:\s+http2MaxRequests: 1\n/);
    expect(edit(SERVICE + RULE, { rule: 'front', subset: 'guarded' })).toMatch(
      /labels: \{ app: front \}\s+trafficPolicy:\s+connectionPool:\s+http:\s+http2MaxRequests: 1\n/,
    );
  });

  it('refuses a rule or a subset that the file does not have', () => {
    expect(() => edit(SERVICE, { rule: 'front' })).toThrow('no DestinationRule front');
    expect(() => edit(RULE, { rule: 'front', subset: 'v2' })).toThrow('no subset v2');
  });
});

describe('restorePolicy', () => {
  const undo = () => ({ kind: 'policy', file: file(), before: 'usual', after: 'edited' }) as const;

  it.each(['edited', 'usual'])('leaves a file that has the text "%s" as before', (text) => {
    replaceFile(file(), text);
    restorePolicy(undo());
    expect(readFileSync(file(), 'utf8')).toBe('usual');
    expect(readdirSync(folder)).toEqual(['front.yaml']);
  });

  it('leaves a file alone that somebody edited meanwhile, and says so', () => {
    writeFileSync(file(), 'edited by hand');
    expect(() => restorePolicy(undo())).toThrow(PolicyEdited);
    expect(readFileSync(file(), 'utf8')).toBe('edited by hand');
  });
});
