import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PolicyMissing, PolicyReader } from './policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'rentmesh-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function rule(name: string, host: string, http: string): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: bank }
spec:
  host: "${host}"
  trafficPolicy:
    connectionPool:
      http: { ${http} }
`;
}

describe('the traffic policy of a host', () => {
  writeFileSync(
    join(folder, 'policy.yaml'),
    [
      rule('all', '*.bank.svc.cluster.local', 'http2MaxRequests: 7, maxRetries: 3'),
      rule('desk', 'desk.bank.svc.cluster.local', 'http2MaxRequests: 9'),
    ].join('---\n'),
  );
  const reader = new PolicyReader(folder);
  const file = relative(process.cwd(), join(folder, 'policy.yaml'));
  const limit = (host: string, name: string) => reader.traffic(host).setting('connectionPool', 'http', name);

  it('is that of the most specific rule, with its line', () => {
    expect(limit('vault.bank.svc.cluster.local', 'maxRetries')).toEqual({ text: 'maxRetries: 3', place: `${file}:8`, value: 3 });
    expect(limit('desk.bank.svc.cluster.local', 'http2MaxRequests')).toEqual({
      text: 'http2MaxRequests: 9',
      place: `${file}:17`,
      value: 9,
    });
  });

  it('has nothing of less specific rules, as with Istio', () => {
    expect(() => limit('desk.bank.svc.cluster.local', 'maxRetries')).toThrow(PolicyMissing);
  });
});
