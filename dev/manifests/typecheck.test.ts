import { describe, expect, it } from 'vitest';
import { typeErrors } from './typecheck.ts';

describe('the check of types', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'car', namespace: 'rentcar' } };

  it('tells an unknown field, a wrong type and a missing field, with the object', () => {
    const wrong = [
      { ...service, spec: { ports: [{ port: 1, targetport: 2 }] } },
      { ...service, spec: { ports: [{ port: 'one' }] } },
      { ...service, spec: { ports: [{ name: 'grpc' }] } },
    ];
    expect(typeErrors(wrong)).toEqual([
      expect.stringMatching(/^Service rentcar\/car: .*'"targetport"' does not exist/),
      expect.stringMatching(/^Service rentcar\/car: .*'string' is not assignable to type 'number'/),
      expect.stringMatching(/^Service rentcar\/car: .*'"port"' is missing/),
    ]);
  }, 60_000);
});
