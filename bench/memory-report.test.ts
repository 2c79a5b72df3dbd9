import { describe, expect, it } from 'vitest';
import { kindOf, memoryReport } from './memory-report.ts';

const memory = new Map([
  ['car-1', 70],
  ['supervisor', 50],
  ['car-1-sidecar', 13],
  ['edge', 40],
  ['kafka', 400],
]);
const idle = new Map([...memory.keys()].map((name) => [name, 1]));
const conditions = { rate: 500, failures: '0', loadSeconds: 60, connections: 50, idleSeconds: 60 };

describe('the report on memory', () => {
  it('compares Node processes, the largest sidecar and the CPU without engines with their limits', () => {
    const lines = memoryReport({ memory, idle }, conditions).split('\n');
    const cells = (title: string) =>
      lines
        .find((line) => line.startsWith(`| ${title}`))
        ?.split('|')
        .map((cell) => cell.trim())
        .slice(2, -1);
    expect(cells('Node processes')).toEqual(['120.0', '600', '0.20 ×']);
    expect(cells('largest sidecar')).toEqual(['13.0', '26', '0.50 ×']);
    expect(cells('CPU at rest without')).toEqual(['4.0', '3', '1.33 ×']);
  });

  it.each([
    ['gateway-1', 'node'],
    ['starter 1', 'node'],
    ['gateway-1-sidecar', 'envoy'],
    ['edge', 'envoy'],
    ['mongo', 'engine'],
  ])('counts %s as %s', (name, kind) => {
    expect(kindOf(name)).toBe(kind);
  });
});
