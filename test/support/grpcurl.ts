import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, fromJsonString, toBinary, toJsonString } from '@bufbuild/protobuf';
import { home } from '../../dev/paths.mjs';
import { run } from './command.ts';
import { channel, unary } from './grpc.ts';
import { ask, describeSymbol } from './reflection.ts';

/** Where a grpcurl that the tests have built is kept. */
const BIN = join(home, 'bin');
const BUILT = join(BIN, 'grpcurl');
const MODULE = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3';

/** The real grpcurl: the one on the PATH, or one built with Go, once; undefined where there is neither. */
async function findGrpcurl(): Promise<string | undefined> {
  const works = async (program: string, ...args: string[]) =>
    await run(program, args).then(
      ({ code }) => code === 0,
      () => false,
    );
  if (await works('grpcurl', '-version')) return 'grpcurl';
  if (existsSync(BUILT)) return BUILT;
  return (await works('env', `GOBIN=${BIN}`, 'go', 'install', MODULE)) ? BUILT : undefined;
}

let found: Promise<string | undefined> | undefined;

/**
 * What `grpcurl -plaintext [-d JSON] ADDRESS list|SERVICE/METHOD` prints. Where there is no grpcurl and no Go to build it with, the same is done
 * by the same means, server reflection and nothing else. Rejects if it does not succeed.
 */
export async function grpcurl(args: readonly string[]): Promise<string> {
  found ??= findGrpcurl();
  const program = await found;
  if (program === undefined) return await byReflection(args);
  const { code, output } = await run(program, args);
  if (code !== 0) throw new Error(`grpcurl ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}

async function byReflection(args: readonly string[]): Promise<string> {
  const rest = args.filter((arg) => arg !== '-plaintext');
  const data = rest[0] === '-d' ? rest.splice(0, 2)[1] : '{}';
  const [address, target, ...more] = rest;
  if (address === undefined || target === undefined || data === undefined || more.length > 0 || address.startsWith('-')) {
    throw new Error(`this form of grpcurl is not known here: ${args.join(' ')}`);
  }
  const connection = channel(address);
  try {
    if (target === 'list') {
      const { listServicesResponse } = await ask(connection, 'v1', { listServices: '*' });
      return (listServicesResponse?.service ?? []).map(({ name }) => name).join('\n');
    }
    const [service = '', name] = target.split('/');
    const registry = await describeSymbol(connection, service);
    const method = registry.getService(service)?.methods.find((each) => each.name === name);
    if (method === undefined) throw new Error(`reflection does not tell of ${target}`);
    const request = Buffer.from(toBinary(method.input, fromJsonString(method.input, data, { registry })));
    const answer = await unary(connection, `/${target}`, request);
    return toJsonString(method.output, fromBinary(method.output, answer), { registry });
  } finally {
    connection.close();
  }
}
