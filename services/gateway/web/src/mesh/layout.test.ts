import { describe, expect, it } from 'vitest';
import { along, type Box, plan, roundedPath, type Style } from './layout.ts';

const style: Style = { direction: 'right', label: { width: 60, height: 20 }, gaps: { beside: 10, between: 40 } };
const boxes = ['edge', 'gateway', 'reservation', 'rental', 'car'].map((id) => ({ id, width: 100, height: 50 }));
const calls = [
  ['edge', 'gateway'],
  ['edge', 'reservation'],
  ['edge', 'rental'],
  ['edge', 'car'],
  ['gateway', 'car'],
  ['reservation', 'car'],
].map(([from = '', to = '']) => ({ id: `${from}→${to}`, from, to }));

const overlap = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the plan of a picture', () => {
  const { boxes: placed, lines, width, height } = plan(boxes, calls, style);
  const box = (id: string) => {
    const found = placed.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no box ${id}`);
    return found;
  };

  it('has every box inside, and none over another', () => {
    for (const [i, each] of placed.entries()) {
      expect(each.x).toBeGreaterThanOrEqual(0);
      expect(each.y).toBeGreaterThanOrEqual(0);
      expect(each.x + each.width).toBeLessThanOrEqual(width);
      expect(each.y + each.height).toBeLessThanOrEqual(height);
      for (const other of placed.slice(i + 1)) expect(overlap(each, other), `${each.id} and ${other.id}`).toBe(false);
    }
  });

  it('has callers to the left of what they call', () => {
    for (const { from, to } of calls) expect(box(from).x + box(from).width).toBeLessThan(box(to).x);
  });

  it('has no label over a box', () => {
    for (const { label } of lines) {
      const plate = { id: '', x: label.x - 30, y: label.y - 10, width: 60, height: 20 };
      for (const each of placed) expect(overlap(plate, each)).toBe(false);
    }
  });

  it('goes down where it is told to', () => {
    const down = plan(boxes, calls, { ...style, direction: 'down' }).boxes;
    const y = (id: string) => down.find((each) => each.id === id)?.y ?? Number.NaN;
    for (const { from, to } of calls) expect(y(from)).toBeLessThan(y(to));
  });

  it('leaves out lines to boxes that there are not', () => {
    expect(plan(boxes, [{ id: 'x', from: 'edge', to: 'nobody' }], style).lines).toEqual([]);
  });

  it('is the same for the same boxes and lines: a picture that stands still', () => {
    expect(plan(boxes, calls, style)).toEqual(plan(boxes, calls, style));
  });
});

describe('a path through points', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 30, y: 0 },
    { x: 30, y: 40 },
  ];

  it('is found by its length, with the direction there', () => {
    expect(along(points, 10)).toEqual({ x: 10, y: 0, angle: 0 });
    expect(along(points, 50)).toEqual({ x: 30, y: 20, angle: 90 });
    expect(along(points, 500)).toEqual({ x: 30, y: 40, angle: 90 });
  });

  it('begins at the first and ends at the last', () => {
    expect(roundedPath(points)).toBe('M0,0Q30,0 30,40');
    expect(roundedPath(points.slice(0, 2))).toBe('M0,0L30,0');
    expect(roundedPath([])).toBe('');
  });
});
