// TypeScript over everything: what Node runs, and what the browser runs. Arguments are passed on to both.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../paths.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const ends = ['.', 'services/gateway/web'].map(async (project) => {
  const child = spawn(process.execPath, [tsc, '-p', project, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
});
process.exitCode = (await Promise.all(ends)).every(Boolean) ? 0 : 1;
