// Everything that a tool can say about sources and policies, without running them. Warnings are errors.
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { generateOpenApiBase, openApiBaseStep } from '../bootstrap/docs.mjs';
import { goIsThere } from '../bootstrap/go.mjs';
import { dim, green, red } from '../bootstrap/lines.mjs';
import { contractErrors } from '../checks/contracts.ts';
import { home, root } from '../paths.mjs';

const bin = (name: string) => join(root, 'node_modules', '.bin', name);

function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): boolean {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options }).status === 0;
}

function git(...args: string[]): boolean {
  return run('git', args, { stdio: 'ignore' });
}

/** The branch that contracts must not break: main, as it is here or at the origin; undefined in a checkout that has neither. */
function mainBranch(): string | undefined {
  return ['origin/main', 'main'].find((name) => git('cat-file', '-e', `${name}:buf.yaml`));
}

/**
 * Compares the contracts with those of main. buf.yaml names modules that git does not hold (node_modules, .rentmesh), so main's are laid
 * out in a folder beside links to those.
 */
function breaking(branch: string): boolean {
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, '.main-'));
  try {
    for (const link of ['node_modules', '.rentmesh']) symlinkSync(join(root, link), join(folder, link));
    const archive = join(folder, 'main.tar');
    return (
      run('git', ['archive', '-o', archive, branch, 'proto', 'buf.yaml']) &&
      run('tar', ['-xf', archive, '-C', folder]) &&
      run(bin('buf'), ['breaking', '--against', folder])
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the committed base of the API page is what the contracts give; on a machine without Go only whether it was made of them. */
async function openApiBase(): Promise<boolean> {
  if (!openApiBaseStep.done()) {
    console.log('  dev/docs/base/ is not made of proto/ as it is: run `npm run generate` and commit it with the contracts');
    return false;
  }
  if (!goIsThere()) {
    console.log(dim('  not generated anew, because there is no Go here'));
    return true;
  }
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, '.base-'));
  try {
    await generateOpenApiBase(folder);
    return run('diff', ['-r', '-x', 'contracts.sha256', join(root, 'dev/docs/base'), join(folder, 'base')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the contracts keep the rules that buf does not know. */
function contracts(): boolean {
  const errors = contractErrors(readFileSync(join(root, 'gen/image.binpb')));
  for (const error of errors) console.log(`  ${error}`);
  return errors.length === 0;
}

const branch = mainBranch();
const checks: readonly [string, () => boolean | Promise<boolean>][] = [
  ['biome', () => run(bin('biome'), ['check', '--error-on-warnings', ...process.argv.slice(2)])],
  ['names of systems', () => run(process.execPath, ['dev/commands/system-names.ts'])],
  ['layers and cycles of imports', () => run(process.execPath, ['dev/commands/layers.ts'])],
  ['buf lint', () => run(bin('buf'), ['lint'])],
  ['contracts', contracts],
  ['OpenAPI base', openApiBase],
  ['mesh lint', () => run(process.execPath, ['dev/mesh/main.ts', 'lint', '--strict', 'mesh'])],
  [
    branch === undefined ? 'buf breaking' : `buf breaking, against ${branch}`,
    () => {
      if (branch !== undefined) return breaking(branch);
      console.log(dim('  there is no branch main to compare with'));
      return true;
    },
  ],
];
for (const [name, check] of checks) {
  const passed = await check();
  console.log(`${passed ? green('✓') : red('✗')} ${name}`);
  if (!passed) process.exitCode = 1;
}
