// Creates a system with one service, or a service: `npm run new -- system NAME [SERVICE]`, `npm run new -- service SYSTEM NAME`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { green, red } from '../bootstrap/lines.mjs';
import { CreateRefused, createService, createSystem } from '../new/create.ts';
import { root } from '../paths.mjs';
import { systems } from '../systems/systems.ts';

const usage = `usage: npm run new -- system NAME [SERVICE]   a system with one service, named item if it is not said
       npm run new -- service SYSTEM NAME    another service of a system`;

/** The name of the first service of a system. */
const FIRST_SERVICE = 'item';

function create([kind, ...names]: readonly string[]): { system: string; files: string[] } | undefined {
  const [first, second] = names;
  if (kind === 'system' && first !== undefined && names.length <= 2)
    return { system: first, files: createSystem(root, systems, first, second ?? FIRST_SERVICE) };
  if (kind === 'service' && first !== undefined && second !== undefined && names.length === 2)
    return { system: first, files: createService(root, systems, first, second) };
  return undefined;
}

try {
  const created = create(process.argv.slice(2));
  if (created === undefined) {
    console.error(usage);
    process.exitCode = 2;
  } else {
    const { system, files } = created;
    // Line breaks depend on the lengths of names.
    const sources = [...files.filter((file) => /\.tsx?$/.test(file)), `services/${system}/system.ts`];
    spawnSync(join(root, 'node_modules', '.bin', 'biome'), ['check', '--write', ...new Set(sources)], { cwd: root, stdio: 'ignore' });
    for (const file of files) console.log(`  ${green('✓')} ${file}`);
    console.log(`\nnpm run generate           makes what follows from them: commit that too\nnpm start -- ${system.padEnd(14)}  runs it`);
  }
} catch (error) {
  if (!(error instanceof CreateRefused)) throw error;
  console.error(`${red('✗')} ${error.message}`);
  process.exitCode = 1;
}
