import { join } from 'node:path';
import { buildGoProgram } from '../../dev/bootstrap/go.mjs';
import { engineFolders } from '../../dev/paths.mjs';
import { run } from './command.ts';

/** The limit of a first use, which may fetch Go and builds grpcurl, in milliseconds. */
export const GRPCURL_BUILD_LIMIT_MS = 600_000;

let program: Promise<string> | undefined;

/** Builds grpcurl on first use: by the Go of the machine, else by one that is fetched. Returns its path. */
export async function buildGrpcurl(): Promise<string> {
  program ??= buildGoProgram('grpcurl').then(() => join(engineFolders.grpcurl, 'grpcurl'));
  return await program;
}

/** Runs grpcurl and returns what it prints. Rejects if it does not succeed. */
export async function grpcurl(args: readonly string[]): Promise<string> {
  const { code, output } = await run(await buildGrpcurl(), args);
  if (code !== 0) throw new Error(`grpcurl ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}
