import { readFileSync } from 'node:fs';
import { createFileRegistry, type DescEnum, type DescField, type DescMessage, type DescMethod, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { getComments } from '@bufbuild/protoplugin';

/** The contracts, by the full names that the base has. */
export interface Contracts {
  /** Throws if there is no such method. */
  readonly method: (fullName: string) => DescMethod;
  readonly message: (fullName: string) => DescMessage | undefined;
  readonly enumeration: (fullName: string) => DescEnum | undefined;
}

/** Reads the contracts with their comments from an image (a FileDescriptorSet). */
export function readContracts(image: URL): Contracts {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
  return {
    method: (fullName) => {
      const dot = fullName.lastIndexOf('.');
      const found = registry.getService(fullName.slice(0, dot))?.methods.find(({ name }) => name === fullName.slice(dot + 1));
      if (found === undefined) throw new Error(`${fullName} is not in the contracts: run npm run generate`);
      return found;
    },
    message: (fullName) => registry.getMessage(fullName),
    enumeration: (fullName) => registry.getEnum(fullName),
  };
}

/** The comment above a value, message or field, as one line of text; empty if there is none. */
export function commentOf(what: DescEnum['values'][number] | DescMessage | DescField): string {
  return (getComments(what).leading ?? '').trim().replaceAll(/\s+/g, ' ');
}
