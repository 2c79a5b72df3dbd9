import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rotate } from '../../dev/laptop/log-rotation.ts';
import { eventually } from '../support/eventually.ts';
import { edge, system } from '../support/instance.ts';

it('the edge goes on at the beginning of its log after a rotation', async () => {
  const log = join(system.state.logs, 'edge.log');
  const before = 'a line before the rotation';
  const after = '/rotation-after';
  appendFileSync(log, `${before}\n`);
  rotate(log);
  expect(readFileSync(`${log}.1`, 'utf8')).toContain(before);
  await fetch(edge.url + after);
  // Envoy writes its log every 10 s.
  await eventually('the new log has the next request', async () => expect(readFileSync(log, 'utf8')).toContain(after), 60_000);
  const text = readFileSync(log, 'utf8');
  // Without O_APPEND the file would begin with a hole of zeros, as long as the old log.
  expect(text).not.toContain('\0');
  expect(text).not.toContain(before);
});
