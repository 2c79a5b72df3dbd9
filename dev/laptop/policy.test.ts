import { describe, expect, it } from 'vitest';
import { unsupportedPolicy } from './policy.ts';

describe('policy without an effect on a laptop', () => {
  const finding = (message: string) => ({ file: 'mesh/a.yaml', line: 3, message });

  it('is listed: a summary with the kinds that only a cluster acts on, and each warning at its place', () => {
    const clusterOnly = [finding('PeerAuthentication'), finding('Telemetry'), finding('Telemetry')];
    expect(unsupportedPolicy({ warnings: [finding('tunnel: no effect')], clusterOnly })).toEqual([
      '1 warning; only a cluster acts on PeerAuthentication (1), Telemetry (2)',
      'mesh/a.yaml:3: tunnel: no effect',
    ]);
    expect(unsupportedPolicy({ warnings: [], clusterOnly: [] })).toEqual(['no warnings']);
  });
});
