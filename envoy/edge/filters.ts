import { any, type Message } from '../json.ts';
import { CORS, httpFilter } from '../sidecar/listeners.ts';
import { reasonFilter } from './access-log.ts';
import { COMPLETION, completionFilter } from './completion.ts';
import { crossSiteFilter } from './cross-site.ts';
import { DEADLINE, deadlineFilter } from './deadline.ts';
import { ETAG, etagFilter } from './etag.ts';
import { FIELDS, fieldsFilter } from './fields.ts';
import type { PublicImage } from './image.ts';
import type { Limits } from './limits.ts';
import { rateLimitFilter } from './rate-limit.ts';
import { REST_HEADERS, restHeadersFilter } from './rest-headers.ts';
import type { EdgeSettings } from './settings.ts';
import { unwrapFilter } from './unwrap.ts';

const ON = any('envoy.config.route.v3.FilterConfig', { config: {} });
const BUFFER = 'envoy.filters.http.buffer';
const TRANSCODER = 'envoy.filters.http.grpc_json_transcoder';

/** What the front's filters are made from. */
export interface FilterOptions {
  readonly image: PublicImage;
  /** Path of the file that holds image.bytes. */
  readonly imageFile: string;
  readonly limits: Limits;
  /** Whether the sidecars are plain Istio's, whose answers have no details: then those of gRPC are completed too. */
  readonly plainSidecars: boolean;
  readonly settings: EdgeSettings;
}

/**
 * The front's filters in the order in which a request passes them. Those that not all calls need are off; the routes of the calls that need them
 * turn them on.
 */
export function frontFilters({ image, imageFile, limits, plainSidecars, settings }: FilterOptions): Message[] {
  return [
    rateLimitFilter(settings),
    // Answers preflights, before the next filter could refuse them.
    CORS,
    ...(settings.corsOrigins?.includes('*') ? [] : [crossSiteFilter(settings)]),
    ...[bodyLimit(limits), fieldsFilter(image), etagFilter(), restHeadersFilter(), transcoder(image, imageFile)].map(off),
    // Before the deadline of a stream is taken away: it looks whether there is one.
    plainSidecars ? completionFilter(limits) : off(completionFilter(limits)),
    off(deadlineFilter()),
    unwrapFilter(),
    reasonFilter(),
    router,
  ];
}

function off(filter: Message): Message {
  return { ...filter, disabled: true };
}

/** Turns on what a request of REST needs, as far as its route is concerned. */
export function restOnRoute({ asksForChange }: { readonly asksForChange: boolean }): Message {
  return { [BUFFER]: ON, [FIELDS]: ON, [REST_HEADERS]: ON, [TRANSCODER]: ON, [COMPLETION]: ON, ...(asksForChange && { [ETAG]: ON }) };
}

/** Turns on what gRPC with JSON needs. */
export const GRPC_WITH_JSON: Message = { [COMPLETION]: ON };

/** Turns on what a stream needs that the gateway passes on. */
export const STREAM_BY_GATEWAY: Message = { [DEADLINE]: ON, [COMPLETION]: ON };

/**
 * Refuses a REST body that is too large before it reaches the transcoder, whose own limit does not hold for a body that it parses as it
 * arrives.
 */
function bodyLimit({ body }: Limits): Message {
  return httpFilter(BUFFER, 'envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: body });
}

function transcoder(image: PublicImage, imageFile: string): Message {
  return httpFilter(TRANSCODER, 'envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder', {
    proto_descriptor: imageFile,
    services: image.services,
    convert_grpc_status: true,
    request_validation_options: { reject_unknown_method: true, reject_unknown_query_parameters: true },
    // A stream of messages is one of lines, each of which is a JSON object.
    print_options: { always_print_primitive_fields: true, stream_newline_delimited: true },
  });
}

/** Keeps Envoy's own headers, such as x-envoy-upstream-service-time, from callers outside. */
const router = httpFilter('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true });
