import { create, createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Client as Channel, ClientDuplexStream } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What reflection answers, as far as these tests look at it. */
export interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] } | null;
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] } | null;
  readonly errorResponse?: { readonly errorCode: number } | null;
}

/** Asks one question of the reflection service, as grpcurl does. */
export async function ask(connection: Channel, version: 'v1' | 'v1alpha', question: object): Promise<ReflectionAnswer> {
  const proto = new URL(`../../node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`, import.meta.url);
  const service = loadSync(proto.pathname)[`grpc.reflection.${version}.ServerReflection`];
  const method = service !== undefined && 'ServerReflectionInfo' in service ? service.ServerReflectionInfo : undefined;
  if (method === undefined || typeof method !== 'object' || !('path' in method)) throw new Error('the reflection proto has no method');
  const { path, requestSerialize, responseDeserialize } = method;
  const stream: ClientDuplexStream<object, ReflectionAnswer> = connection.makeBidiStreamRequest(
    path,
    requestSerialize,
    // proto-loader's decoder gives the message as the interface above says.
    responseDeserialize as (bytes: Buffer) => ReflectionAnswer,
  );
  return await new Promise((resolve, reject) => {
    stream.on('data', resolve);
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('reflection ended without an answer')));
    stream.end(question);
  });
}

/** The files that declare a symbol and everything they need. */
export async function describeSymbol(connection: Channel, symbol: string): Promise<FileRegistry> {
  const files = new Map<string, FileDescriptorProto>();
  const load = async (question: object) => {
    const { fileDescriptorResponse } = await ask(connection, 'v1', question);
    for (const bytes of fileDescriptorResponse?.fileDescriptorProto ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
  };
  await load({ fileContainingSymbol: symbol });
  for (const missing = () => [...files.values()].flatMap(({ dependency }) => dependency).find((name) => !files.has(name)); ; ) {
    const name = missing();
    if (name === undefined) break;
    await load({ fileByFilename: name });
    if (!files.has(name)) throw new Error(`reflection does not give ${name}`);
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: sorted(files) }));
}

/** Files after those that they import. */
function sorted(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const done = new Set<FileDescriptorProto>();
  const add = (name: string) => {
    const file = files.get(name);
    if (file === undefined || done.has(file)) return;
    file.dependency.forEach(add);
    done.add(file);
  };
  for (const name of files.keys()) add(name);
  return [...done];
}
