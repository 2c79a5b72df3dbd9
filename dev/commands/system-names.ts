// Checks that nothing outside a system's own folders names the system.
import { namedOutside, unusedAllowances } from '../checks/system-names.ts';
import { trackedFiles } from '../checks/tracked-files.ts';
import { systems } from '../systems/systems.ts';

/** Files with other endings have no words. */
const TEXT = /(?:\.(?:ts|tsx|mjs|js|json|ya?ml|proto|sql|sh|css|html|java|go|md|env)|Dockerfile|\.env)$/;

const files = trackedFiles(TEXT);
const found = namedOutside(files, systems);
for (const { file, line, system } of found) console.log(`${file}:${line}: names the system ${system}`);
const unused = unusedAllowances(files, systems);
for (const path of unused) console.log(`dev/checks/system-names-allowed.ts: nothing in ${path} names a system any more`);
if (found.length > 0)
  console.log(
    'Read it from the descriptor (dev/systems), move it to the folder of the system, or allow it in dev/checks/system-names-allowed.ts.',
  );
if (found.length + unused.length > 0) process.exitCode = 1;
