import { expect, it } from 'vitest';
import { problems } from './problems.ts';

it.each(Object.entries(problems))('%s says what happened and what to do', (_, { title, advice }) => {
  expect(`${title} ${advice}`).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
});
