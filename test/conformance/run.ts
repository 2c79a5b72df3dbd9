// npm run conformance: the Connect conformance suite against the grpc-js service alone, to know what is the service's own, against a gateway before
// it, and against a whole edge. `npm run conformance -- gateway` runs one of them; what follows is for the runner, such as `--run PATTERN`.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { edgeTarget } from './edge.ts';
import { prepare, runner } from './runner.ts';
import { gatewayTarget, LIMIT, serviceTarget, type Target } from './targets.ts';

const here = dirname(fileURLToPath(import.meta.url));
const targets: Record<string, () => Promise<Target>> = { service: serviceTarget, gateway: gatewayTarget, edge: edgeTarget };

const [first, ...rest] = process.argv.slice(2);
const isNamed = first !== undefined && first in targets;
const names = isNamed ? [first] : Object.keys(targets);
const options = isNamed ? rest : process.argv.slice(2);

await prepare();
let failures = 0;
for (const name of names) {
  process.stdout.write(`\nConformance of the ${name}\n`);
  const target = await targets[name]?.();
  if (target === undefined) continue;
  if ((await run(name, target)) !== 0) failures++;
}
process.exit(failures === 0 ? 0 : 1);

function run(name: string, { port, limitedPort }: Target): Promise<number> {
  const answer = [process.execPath, join(here, 'answer.ts'), port, LIMIT, limitedPort].map(String);
  const args = [
    '--mode',
    'server',
    '--conf',
    join(here, `${name}.yaml`),
    '--known-failing',
    `@${join(here, `${name}.known-failing.txt`)}`,
    '--known-flaky',
    `@${join(here, `${name}.known-flaky.txt`)}`,
    ...options,
    '--',
    ...answer,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(runner, args, { stdio: 'inherit' });
    child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  });
}
