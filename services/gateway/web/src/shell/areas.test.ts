import { expect, it } from 'vitest';
import { areaOf, isAt, placeOf } from './areas.ts';

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

it.each([
  ['/app', 'Find a car'],
  ['/app/reservations', 'My reservations'],
  ['/app/reservations/1', 'My reservations'],
  ['/app/nowhere', undefined],
  ['/app/manage', 'Cars'],
  ['/app/manage/reservations', 'Reservations'],
  ['/app/manage/nowhere', undefined],
])('%s is at the place %s', (path, name) => {
  const area = areaOf(path);
  expect(area && placeOf(area, path)?.name).toBe(name);
});
