import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** User of every process in the image. Kubernetes checks the number for `runAsNonRoot`. */
export const USER = { name: 'rentmesh', uid: 10001 } as const;

/** A file of the image that is in no package. */
export interface MachineFile {
  /** Absolute path in the image. */
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

/** Path of Node in the image. */
export const NODE = '/usr/local/bin/node';

/**
 * Returns Node and the parts of an operating system that it needs: shared libraries, users, name resolution, and Node's own certificates,
 * so that the image does not depend on those of the building machine.
 */
export function machineFiles(): MachineFile[] {
  const text = (path: string, content: string): MachineFile => ({ path, content: Buffer.from(content), executable: false });
  return [
    { path: NODE, content: readFileSync(process.execPath), executable: true },
    ...libraries(process.execPath).map((path) => ({ path, content: readFileSync(realpathSync(path)), executable: true })),
    text('/etc/passwd', `root:x:0:0:root:/:/sbin/nologin\n${USER.name}:x:${USER.uid}:${USER.uid}:${USER.name}:/tmp:/sbin/nologin\n`),
    text('/etc/group', `root:x:0:\n${USER.name}:x:${USER.uid}:\n`),
    text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    text('/etc/ssl/certs/ca-certificates.crt', `${rootCertificates.join('\n')}\n`),
  ];
}

/** Libraries that glibc before 2.34 loads by name to resolve a host. Newer versions have them built in. */
const NAME_SERVICES = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** Returns the paths of a program's shared libraries, the loader included. @throws Error if the program does not use glibc */
export function libraries(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  const paths = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
  const libc = paths.find((path) => path.endsWith('/libc.so.6'));
  if (libc === undefined) throw new Error(`${program} is not linked with glibc, which the image requires:\n${listed}`);
  const named = NAME_SERVICES.map((name) => libc.replace('libc.so.6', name)).filter(existsSync);
  return [...new Set([...paths, ...named])];
}
