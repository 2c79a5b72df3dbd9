import { expect, it } from 'vitest';
import { areaOf, isAt } from './areas.ts';

it.each([
  ['/app', 'Customers'],
  ['/app/reservations', 'Customers'],
  ['/app/reservations/1', 'Customers'],
  ['/app/manage', 'Managers'],
  ['/app/manage/allocations', 'Managers'],
  ['/app/management', 'Customers'],
  ['/app/mesh', 'Mesh'],
])('%s belongs to %s', (path, name) => {
  expect(areaOf(path)?.name).toBe(name);
});

it('a slash at the end makes no other place', () => {
  expect(isAt('/app', '/app/')).toBe(true);
  expect(isAt('/app/manage', '/app/')).toBe(false);
});
