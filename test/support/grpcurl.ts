import { fromBinary, fromJsonString, toBinary, toJsonString } from '@bufbuild/protobuf';
import { channel, unary } from './grpc.ts';
import { ask, describeSymbol } from './reflection.ts';

/**
 * What `grpcurl -plaintext [-d JSON] ADDRESS list|SERVICE/METHOD` prints, by the same means: server reflection and nothing else.
 * Rejects with Failure for an error answer.
 */
export async function grpcurl(args: readonly string[]): Promise<string> {
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
