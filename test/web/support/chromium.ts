import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The names under which Chromium and its relatives are installed. The first has no windows, and takes less than half of the CPU. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const INSTALL = ['install', '-y', '--no-install-recommends'];

const HELP =
  'The tests of the web app need a Chromium: install the package chromium-headless-shell or chromium (apt-get install chromium), or name a Chromium or Chrome by RENTMESH_CHROMIUM.';

/**
 * The Chromium to drive: the one that RENTMESH_CHROMIUM names, else the one on the PATH, else the one that is installed from Debian, which
 * root can do.
 *
 * @throws Error with what to do if there is none
 */
export function findChromium(): string {
  const named = process.env.RENTMESH_CHROMIUM;
  if (named !== undefined && named !== '') {
    if (!isProgram(named)) throw new Error(`RENTMESH_CHROMIUM names ${named}, which is no program that can be run.`);
    return named;
  }
  const found = onPath() ?? install();
  if (found === undefined) throw new Error(HELP);
  return found;
}

function onPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs Debian's Chromium, with a font, if this is root on a Debian; the lists of packages are fetched only if they lack it. */
function install(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return undefined;
  console.log('  installing Chromium from Debian, once');
  // Older releases have no package of the browser without windows.
  const installed = () => ['chromium-headless-shell', 'chromium'].some((browser) => apt([...INSTALL, browser, 'fonts-dejavu-core']));
  if (installed() || (apt(['update']) && installed())) return onPath();
  return undefined;
}

function apt(args: readonly string[]): boolean {
  const { status, stderr } = spawnSync('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, encoding: 'utf8' });
  if (status !== 0) console.error(stderr);
  return status === 0;
}
