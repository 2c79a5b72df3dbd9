import { createServer } from 'node:net';
import type { Claim } from './claims.ts';
import { text } from './topology.ts';

/** A start that cannot be; the message is one sentence for the person who started it. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}

/** What to tell when an address cannot be listened on. */
export function sentence(claim: Claim, code: string, platform: NodeJS.Platform = process.platform): string {
  const where = text(claim.address);
  const { host, port } = claim.address;
  if (code === 'EADDRNOTAVAIL') {
    const fix =
      platform === 'darwin' ? `add it with \`sudo ifconfig lo0 alias ${host}\`` : `make the loopback interface answer for 127.0.0.0/8`;
    return `The address ${host}, for ${claim.purpose}, is not there: ${fix}.`;
  }
  const find = platform === 'darwin' ? `lsof -nP -iTCP:${port} -sTCP:LISTEN` : `ss -ltnp 'sport = :${port}'`;
  const other = claim.purpose === 'the edge' ? ', or choose another port with RENTMESH_PORT' : '';
  if (code === 'EADDRINUSE')
    return `The address ${where}, for ${claim.purpose}, is taken by another program: stop it (\`${find}\` shows it)${other}.`;
  return `The address ${where}, for ${claim.purpose}, cannot be listened on (${code})${other}.`;
}

/** The error code of trying to listen on an address, undefined if it is free. */
function tryListen({ address }: Claim): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/**
 * Makes sure that every address is free.
 *
 * @throws StartRefused with a sentence for the first that is not
 */
export async function requireFree(claims: readonly Claim[]): Promise<void> {
  for (const claim of claims) {
    const code = await tryListen(claim);
    if (code !== undefined) throw new StartRefused(sentence(claim, code));
  }
}
