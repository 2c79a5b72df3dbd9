import { expect, it } from 'vitest';
import { excerptAt } from './excerpt.ts';

const text = `spec:
  http:
    # What it is for,
    # and why.
    - name: take
      # Long enough.
      timeout: 1s
      retries:
        attempts: 2
        # In doubt.
        backoff: 1ms
      # After all.
      route: []
    - name: other
`;

it('a line comes with the comment above it, which gives the reason', () => {
  expect(excerptAt(text, 7)).toEqual({ text: '# Long enough.\ntimeout: 1s', firstLine: 6 });
});

it('a block comes with what is nested in it, but not with the comment of the next one', () => {
  expect(excerptAt(text, 8)).toEqual({ text: 'retries:\n  attempts: 2\n  # In doubt.\n  backoff: 1ms', firstLine: 8 });
});

it('an item of a list comes whole, and without the next one', () => {
  const { text: item, firstLine } = excerptAt(text, 5);
  expect(firstLine).toBe(3);
  expect(item).toMatch(/^# What it is for,\n# and why\.\n- name: take\n {2}# Long/);
  expect(item).toMatch(/route: \[\]$/);
});

it('what is nested is cut off where it is long', () => {
  const long = `a:\n${Array.from({ length: 100 }, (_, i) => `  b${i}: 1`).join('\n')}`;
  expect(excerptAt(long, 1).text.split('\n').length).toBeLessThan(20);
});

it('a line that there is not has no excerpt', () => {
  expect(excerptAt(text, 99)).toEqual({ text: '', firstLine: 0 });
});
