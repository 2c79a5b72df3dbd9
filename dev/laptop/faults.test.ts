import { describe, expect, it } from 'vitest';
import { FaultsRefused, faultsFromJson, setFaults } from './faults.ts';

describe('faults as a person writes them', () => {
  it('are JSON of the contract, with the error by number or by name', () => {
    expect(faultsFromJson('{"delayMsMin": 800, "delayMsMax": 1100}')).toMatchObject({ delayMsMin: 800, delayMsMax: 1100, errorRate: 0 });
    expect(faultsFromJson('{"errorRate": 0.5, "errorCode": "ABORTED"}')).toMatchObject({ errorRate: 0.5, errorCode: 10 });
    expect(faultsFromJson('{"errorRate": 1, "errorCode": 8, "methods": ["a.B/C"]}')).toMatchObject({ errorCode: 8, methods: ['a.B/C'] });
  });

  it.each([
    ['{"delay": 5}', '"delay"'],
    ['{"delayMsMin": "soon"}', 'delay_ms_min'],
    ['{"errorCode": "BROKEN"}', 'error_code'],
    ['{"resetRate":', 'resetRate'],
  ])('%s is refused by what is wrong in it', (text, named) => {
    expect(() => faultsFromJson(text)).toThrow(FaultsRefused);
    expect(() => faultsFromJson(text)).toThrow(named);
  });

  it('are for a service that there is', async () => {
    const status = async () => ({
      instance: 0,
      pid: 1,
      edge: '',
      ready: true,
      systems: [],
      policy: undefined,
      warnings: [],
      processes: [],
    });
    await expect(setFaults({ status }, 'train', {})).rejects.toThrow('There is no service "train"');
  });
});
