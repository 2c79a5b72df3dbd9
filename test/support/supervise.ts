// Runs the tested system for as long as the process that has forked this one lives, however that ends: Ctrl-C twice and kill -9 included.

import { Instance } from '../../dev/laptop/instance.ts';
import { system } from './instance.ts';

const started = new Instance(system);
process.on('disconnect', () => void started.stop());

try {
  await started.start((what, detail, milliseconds) => console.log(`  ${what.padEnd(9)} ${detail} (${milliseconds.toFixed(0)} ms)`));
  // One of everything: the first call of a process takes ten times as long as the second.
  for (const { proof } of system.systems) await (await proof()).prove(started.url, () => undefined);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await started.stop();
  process.exit(1);
}
process.send?.('ready');
await started.stopped;
process.exit(0);
