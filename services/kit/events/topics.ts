import { type FileRegistry, getOption, hasOption } from '@bufbuild/protobuf';
import { contracts } from '../rpc/contracts.ts';

/** The option that names the audience of an event (proto/rentmesh/events/v1/options.proto). */
const AUDIENCE = 'rentmesh.events.v1.audience';

let audiences: ReadonlyMap<string, string> | undefined;

/**
 * Returns the topic of an event type: its proto package, followed by `.<audience>` where the message names one.
 *
 * @param type full name of the message
 */
export function topicOf(type: string): string {
  audiences ??= readAudiences(contracts());
  const proto = type.slice(0, type.lastIndexOf('.'));
  const audience = audiences.get(type);
  return audience === undefined ? proto : `${proto}.${audience}`;
}

/** Returns the audience of each message that names one, by full name. */
export function readAudiences(registry: FileRegistry): ReadonlyMap<string, string> {
  const extension = registry.getExtension(AUDIENCE);
  if (extension === undefined) throw new Error(`${AUDIENCE} is not in the image of the contracts: generate it anew`);
  const found = new Map<string, string>();
  for (const type of registry) {
    // The option is declared as a string.
    if (type.kind === 'message' && hasOption(type, extension)) found.set(type.typeName, getOption(type, extension) as string);
  }
  return found;
}
