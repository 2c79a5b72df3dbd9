import { expect, it } from 'vitest';
import { areaOf, isAt, placeOf } from './areas.ts';

const areas = [
  {
    href: '/app/shop/',
    name: 'Customers',
    places: [
      { href: '/app/shop/', name: 'Find' },
      { href: '/app/shop/orders', name: 'Orders' },
    ],
  },
  {
    href: '/app/shop/staff',
    name: 'Staff',
    places: [
      { href: '/app/shop/staff', name: 'Items' },
      { href: '/app/shop/staff/orders', name: 'All' },
    ],
  },
  { href: '/app/mesh', name: 'Mesh', places: [] },
];

it.each([
  ['/app/shop', 'Customers', 'Find'],
  ['/app/shop/', 'Customers', 'Find'],
  ['/app/shop/orders', 'Customers', 'Orders'],
  ['/app/shop/orders/1', 'Customers', 'Orders'],
  ['/app/shop/nowhere', 'Customers', undefined],
  ['/app/shop/staff', 'Staff', 'Items'],
  ['/app/shop/staff/orders', 'Staff', 'All'],
  ['/app/shop/staff/nowhere', 'Staff', undefined],
  ['/app/shop/staffing', 'Customers', undefined],
  ['/app/mesh', 'Mesh', undefined],
  ['/app/nowhere', undefined, undefined],
])('%s belongs to %s, %s', (path, areaName, placeName) => {
  const area = areaOf(areas, path);
  expect(area?.name).toBe(areaName);
  expect(area && placeOf(area, path)?.name).toBe(placeName);
});

it('ignores a trailing slash', () => {
  expect(isAt('/app/shop', '/app/shop/')).toBe(true);
  expect(isAt('/app/shop/staff', '/app/shop/')).toBe(false);
});
