import { z } from 'zod';
import {
  atLeastMillisecond,
  atMostOne,
  destination,
  int32,
  labels,
  percent,
  stringMatch,
  stringMatches,
  strings,
  uint32,
} from './values.ts';

const headerOperations = z.strictObject({ add: labels.optional(), remove: strings.optional(), set: labels.optional() });
const headers = z.strictObject({ request: headerOperations.optional(), response: headerOperations.optional() });

const fault = z.strictObject({
  delay: z
    .strictObject({
      fixedDelay: atLeastMillisecond.optional(),
      exponentialDelay: atLeastMillisecond.optional(),
      percent: int32.optional(),
      percentage: percent.optional(),
    })
    .refine(atMostOne('fixedDelay', 'exponentialDelay'), { error: 'only one of fixedDelay and exponentialDelay can be set' })
    .optional(),
  abort: z
    .strictObject({
      httpStatus: int32.optional(),
      grpcStatus: z.string().optional(),
      http2Error: z.string().optional(),
      percentage: percent.optional(),
    })
    .refine(atMostOne('httpStatus', 'grpcStatus', 'http2Error'), { error: 'only one of httpStatus, grpcStatus and http2Error can be set' })
    .optional(),
});

const httpMatch = z.strictObject({
  name: z.string().optional(),
  uri: stringMatch.optional(),
  scheme: stringMatch.optional(),
  method: stringMatch.optional(),
  authority: stringMatch.optional(),
  headers: stringMatches.optional(),
  port: uint32.optional(),
  sourceLabels: labels.optional(),
  gateways: strings.optional(),
  queryParams: stringMatches.optional(),
  ignoreUriCase: z.boolean().optional(),
  withoutHeaders: stringMatches.optional(),
  sourceNamespace: z.string().optional(),
  statPrefix: z.string().optional(),
});

const httpRoute = z.strictObject({
  name: z.string().optional(),
  match: z.array(httpMatch).optional(),
  route: z.array(z.strictObject({ destination, weight: int32.optional(), headers: headers.optional() })).optional(),
  redirect: z
    .strictObject({
      uri: z.string().optional(),
      prefixRewrite: z.string().optional(),
      authority: z.string().optional(),
      port: uint32.optional(),
      derivePort: z.enum(['FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT']).optional(),
      scheme: z.string().optional(),
      redirectCode: uint32.optional(),
    })
    .refine(atMostOne('port', 'derivePort'), { error: 'only one of port and derivePort can be set' })
    .optional(),
  directResponse: z
    .strictObject({
      status: uint32,
      body: z
        .strictObject({ string: z.string().optional(), bytes: z.base64().optional() })
        .refine(atMostOne('string', 'bytes'), { error: 'only one of string and bytes can be set' })
        .optional(),
    })
    .optional(),
  delegate: z.strictObject({ name: z.string().optional(), namespace: z.string().optional() }).optional(),
  rewrite: z
    .strictObject({
      uri: z.string().optional(),
      authority: z.string().optional(),
      uriRegexRewrite: z.strictObject({ match: z.string().optional(), rewrite: z.string().optional() }).optional(),
    })
    .optional(),
  timeout: atLeastMillisecond.optional(),
  retries: z
    .strictObject({
      attempts: int32.optional(),
      perTryTimeout: atLeastMillisecond.optional(),
      retryOn: z.string().optional(),
      retryRemoteLocalities: z.boolean().optional(),
      retryIgnorePreviousHosts: z.boolean().optional(),
      backoff: atLeastMillisecond.optional(),
    })
    .optional(),
  fault: fault.optional(),
  mirror: destination.optional(),
  mirrors: z.array(z.strictObject({ destination, percentage: percent.optional() })).optional(),
  mirrorPercent: uint32.optional(),
  mirror_percent: uint32.optional(),
  mirrorPercentage: percent.optional(),
  corsPolicy: z
    .strictObject({
      allowOrigin: strings.optional(),
      allowOrigins: z.array(stringMatch).optional(),
      allowMethods: strings.optional(),
      allowHeaders: strings.optional(),
      exposeHeaders: strings.optional(),
      maxAge: atLeastMillisecond.optional(),
      allowCredentials: z.boolean().optional(),
      unmatchedPreflights: z.enum(['UNSPECIFIED', 'FORWARD', 'IGNORE']).optional(),
    })
    .optional(),
  headers: headers.optional(),
});

const routeDestinations = z.array(z.strictObject({ destination, weight: int32.optional() }));
const l4Match = {
  destinationSubnets: strings.optional(),
  port: uint32.optional(),
  sourceLabels: labels.optional(),
  gateways: strings.optional(),
  sourceNamespace: z.string().optional(),
};

/** spec of a VirtualService. Durations are nanoseconds. */
export const virtualServiceSpec = z.strictObject({
  hosts: strings.optional(),
  gateways: strings.optional(),
  http: z.array(httpRoute).optional(),
  tls: z
    .array(z.strictObject({ match: z.array(z.strictObject({ ...l4Match, sniHosts: strings })), route: routeDestinations.optional() }))
    .optional(),
  tcp: z
    .array(
      z.strictObject({
        match: z.array(z.strictObject({ ...l4Match, sourceSubnet: z.string().optional() })).optional(),
        route: routeDestinations.optional(),
      }),
    )
    .optional(),
  exportTo: strings.optional(),
});

export type VirtualServiceSpec = z.output<typeof virtualServiceSpec>;
export type HttpRoute = z.output<typeof httpRoute>;
export type HttpMatch = z.output<typeof httpMatch>;
export type HeaderOperations = z.output<typeof headers>;
