import { expect, it } from 'vitest';
import { firstPages } from './use-pages.ts';

const { signal } = new AbortController();
const list = async (token: string) => {
  const number = Number(token || 1);
  return { items: [number], nextPageToken: number === 3 ? '' : String(number + 1) };
};

it('pages follow each other by their tokens', async () => {
  expect(await firstPages(2, list, signal)).toEqual({ items: [1, 2], nextPageToken: '3' });
});

it('a list that got shorter ends where it ends', async () => {
  expect(await firstPages(9, list, signal)).toEqual({ items: [1, 2, 3], nextPageToken: '' });
});
