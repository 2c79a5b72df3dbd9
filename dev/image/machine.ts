import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** The user that everything in the image runs as; the number is what Kubernetes checks for `runAsNonRoot`. */
export const USER = { name: 'rentmesh', uid: 10001 } as const;

/** A file of the image that no package brings. */
export interface MachineFile {
  /** Where it is in the image, absolute. */
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

/** Where the image has Node. */
export const NODE = '/usr/local/bin/node';

/**
 * Node and what it needs of an operating system: its shared libraries, users, how names are found, the certificates that it trusts itself
 * (so that the image does not depend on what the building machine trusts).
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

/** What glibc before 2.34 loads by name when it looks up a host; newer ones have it built in. */
const NAME_SERVICES = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** The shared libraries of a program, the loader among them, where the loader looks for them. */
export function libraries(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  const paths = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
  const libc = paths.find((path) => path.endsWith('/libc.so.6'));
  if (libc === undefined) throw new Error(`${program} is not linked with glibc, which the image is made of:\n${listed}`);
  const named = NAME_SERVICES.map((name) => libc.replace('libc.so.6', name)).filter(existsSync);
  return [...new Set([...paths, ...named])];
}
