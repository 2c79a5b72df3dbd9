import { expect, it } from 'vitest';
import { parsePerson } from './parse-person.ts';

it('a person is read as he was kept', () => {
  expect(parsePerson('{"userId":"AAA","userName":""}')).toEqual({ userId: 'AAA', userName: '' });
});

it.each([undefined, '', 'no JSON', '{}', 'null', '{"userId":"","userName":"Anna"}', '{"userId":1,"userName":"Anna"}'])(
  '%s is nobody',
  (text) => {
    expect(parsePerson(text)).toBeUndefined();
  },
);
