import type { Message } from '../json.ts';
import { hasMetadata } from '../sidecar/reply-filters.ts';
import { errorInfo, statusFormat } from '../sidecar/reply-forms.ts';
import { bindingName, bodyContract } from './contract.ts';
import type { PublicImage, RestBinding } from './image.ts';
import { luaFilter, luaValue, script } from './lua.ts';

/** The name of the filter, and where lua/fields.lua says why it has refused a request. */
export const FIELDS = 'rentmesh.fields';

/**
 * The filter that holds the JSON body of a REST request against the contract. Envoy's transcoder leaves out what it does not know
 * (envoyproxy/envoy#46623), reads more than JSON, and does not name every field whose value is of another type.
 */
export function fieldsFilter(image: PublicImage): Message {
  return luaFilter(FIELDS, `local CONTRACT = ${luaValue(bodyContract(image))}`, script('fields'));
}

/** What the filter reads of the route of a REST binding. */
export function fieldsOnRoute(binding: RestBinding): Message {
  return { [FIELDS]: { root: bindingName(binding) } };
}

/** The forms of what the filter refuses: google.rpc.Status that names each field, or says what is wrong with the body as a whole. */
export function fieldReplies(): Message[] {
  const told = (key: string): string => `%DYNAMIC_METADATA(${FIELDS}:${key})%`;
  const named = statusFormat(INVALID_ARGUMENT, told('message'), [
    errorInfo('INVALID_FIELD'),
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: told('violations') },
  ]);
  return [{ filter: isRefused, body_format_override: named }];
}

const INVALID_ARGUMENT = 3;

/** True where the filter has named fields. */
const isRefused = hasMetadata(FIELDS, 'violations');
