import { z } from 'zod';
import { parseDuration } from './duration.ts';

// The fields of networking.istio.io/v1 as the CustomResourceDefinitions of Istio 1.31 declare them: same names, types and ranges, and no
// other field. What goes beyond types is in validate*.ts.

const duration = z.string().transform((text, context) => {
  const value = parseDuration(text);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: `"${text}" is not a duration; write for example 250ms, 1.5s or 1m` });
  return z.NEVER;
});
const atLeastMillisecond = duration.refine((value) => value >= 1e6, { error: 'duration must be at least 1ms' });
const int32 = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
const uint32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const uint64 = z.int().min(0);
const labels = z.record(z.string(), z.string());
const strings = z.array(z.string());

/** A oneof of protobuf: at most one of the fields is set. */
function atMostOne(...fields: string[]) {
  return (value: object) => fields.filter((field) => field in value).length <= 1;
}

const stringMatch = z
  .strictObject({ exact: z.string().optional(), prefix: z.string().optional(), regex: z.string().optional() })
  .refine(atMostOne('exact', 'prefix', 'regex'), { error: 'only one of exact, prefix and regex can be set' });
const stringMatches = z.record(z.string(), stringMatch);
const percent = z.strictObject({ value: z.number().optional() });
const port = z.strictObject({ number: uint32.optional() });

const headerOperations = z.strictObject({ add: labels.optional(), remove: strings.optional(), set: labels.optional() });
const headers = z.strictObject({ request: headerOperations.optional(), response: headerOperations.optional() });
const destination = z.strictObject({ host: z.string(), port: port.optional(), subset: z.string().optional() });

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

const connectionPool = z.strictObject({
  tcp: z
    .strictObject({
      maxConnections: int32.optional(),
      connectTimeout: atLeastMillisecond.optional(),
      tcpKeepalive: z
        .strictObject({ probes: uint32.optional(), time: atLeastMillisecond.optional(), interval: atLeastMillisecond.optional() })
        .optional(),
      maxConnectionDuration: atLeastMillisecond.optional(),
      idleTimeout: duration.optional(),
    })
    .optional(),
  http: z
    .strictObject({
      http1MaxPendingRequests: int32.optional(),
      http2MaxRequests: int32.optional(),
      maxRequestsPerConnection: int32.optional(),
      maxRetries: int32.optional(),
      idleTimeout: atLeastMillisecond.optional(),
      h2UpgradePolicy: z.enum(['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE']).optional(),
      useClientProtocol: z.boolean().optional(),
      maxConcurrentStreams: int32.optional(),
      http2KeepAlive: z.strictObject({ interval: atLeastMillisecond.optional(), timeout: atLeastMillisecond.optional() }).optional(),
    })
    .optional(),
});

const failover = z.array(z.strictObject({ from: z.string().optional(), to: z.string().optional() }));

const loadBalancer = z
  .strictObject({
    simple: z.enum(['UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST']).optional(),
    consistentHash: z
      .strictObject({
        httpHeaderName: z.string().optional(),
        httpCookie: z
          .strictObject({
            name: z.string(),
            path: z.string().optional(),
            ttl: duration.optional(),
            attributes: z.array(z.strictObject({ name: z.string(), value: z.string().optional() })).optional(),
          })
          .optional(),
        useSourceIp: z.boolean().optional(),
        httpQueryParameterName: z.string().optional(),
        ringHash: z.strictObject({ minimumRingSize: uint64.optional() }).optional(),
        maglev: z.strictObject({ tableSize: uint64.optional() }).optional(),
        minimumRingSize: uint64.optional(),
      })
      .refine(atMostOne('httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'), {
        error: 'only one of httpHeaderName, httpCookie, useSourceIp and httpQueryParameterName can be set',
      })
      .refine(atMostOne('ringHash', 'maglev'), { error: 'only one of ringHash and maglev can be set' })
      .optional(),
    localityLbSetting: z
      .strictObject({
        distribute: z.array(z.strictObject({ from: z.string().optional(), to: z.record(z.string(), uint32).optional() })).optional(),
        failover: failover.optional(),
        failoverPriority: strings.optional(),
        enabled: z.boolean().optional(),
      })
      .optional(),
    zoneAwareLbSetting: z
      .strictObject({
        enabled: z.boolean().optional(),
        failover: failover.optional(),
        failoverPriority: strings.optional(),
        minClusterSize: uint32.min(1).optional(),
      })
      .optional(),
    warmupDurationSecs: atLeastMillisecond.optional(),
    warmup: z
      .strictObject({
        duration: atLeastMillisecond,
        minimumPercent: z.number().min(0).max(100).optional(),
        aggression: z.number().min(0).optional(),
      })
      .optional(),
  })
  .refine(atMostOne('simple', 'consistentHash'), { error: 'only one of simple and consistentHash can be set' });

const outlierDetection = z.strictObject({
  consecutiveErrors: int32.optional(),
  splitExternalLocalOriginErrors: z.boolean().optional(),
  consecutiveLocalOriginFailures: uint32.optional(),
  consecutiveGatewayErrors: uint32.optional(),
  consecutive5xxErrors: uint32.optional(),
  interval: atLeastMillisecond.optional(),
  baseEjectionTime: atLeastMillisecond.optional(),
  maxEjectionPercent: int32.optional(),
  minHealthPercent: int32.optional(),
  outlierDetectionHttpErrorCodes: z.array(z.int().min(100).max(599)).optional(),
});

const tls = z.strictObject({
  mode: z.enum(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL']).optional(),
  clientCertificate: z.string().optional(),
  privateKey: z.string().optional(),
  caCertificates: z.string().optional(),
  credentialName: z.string().optional(),
  subjectAltNames: strings.optional(),
  sni: z.string().optional(),
  insecureSkipVerify: z.boolean().optional(),
  caCrl: z.string().optional(),
});

const portPolicy = {
  loadBalancer: loadBalancer.optional(),
  connectionPool: connectionPool.optional(),
  outlierDetection: outlierDetection.optional(),
  tls: tls.optional(),
};

const trafficPolicy = z.strictObject({
  ...portPolicy,
  portLevelSettings: z
    .array(z.strictObject({ ...portPolicy, port: port.optional() }))
    .max(4096)
    .optional(),
  tunnel: z.strictObject({ protocol: z.string().optional(), targetHost: z.string(), targetPort: uint32 }).optional(),
  proxyProtocol: z.strictObject({ version: z.enum(['V1', 'V2']).optional() }).optional(),
  retryBudget: z
    .strictObject({
      percent: z.number().min(0).max(100).optional(),
      minRetryConcurrency: uint32.optional(),
      budgetInterval: duration.optional(),
    })
    .optional(),
});

/** spec of a DestinationRule. Durations are nanoseconds. */
export const destinationRuleSpec = z.strictObject({
  host: z.string(),
  trafficPolicy: trafficPolicy.optional(),
  subsets: z.array(z.strictObject({ name: z.string(), labels: labels.optional(), trafficPolicy: trafficPolicy.optional() })).optional(),
  exportTo: strings.optional(),
  workloadSelector: z.strictObject({ matchLabels: labels.optional() }).optional(),
});

const endpointFields = {
  address: z.string().max(256).optional(),
  ports: z.record(z.string(), z.int().min(1).max(65535)).optional(),
  labels: labels.optional(),
  network: z.string().max(2048).optional(),
  locality: z.string().max(2048).optional(),
  weight: uint32.optional(),
  serviceAccount: z.string().max(253).optional(),
};

/** spec of a WorkloadEntry. */
export const workloadEntrySpec = z
  .strictObject(endpointFields)
  .refine((entry) => 'address' in entry || 'network' in entry, { error: 'address is required' });

/** spec of a ServiceEntry. */
export const serviceEntrySpec = z.strictObject({
  hosts: z
    .array(z.string().refine((host) => host !== '*', { error: 'host cannot be "*"' }))
    .min(1)
    .max(256),
  addresses: z.array(z.string().max(64)).max(256).optional(),
  ports: z
    .array(
      z.strictObject({
        number: z.int().min(1).max(65535),
        name: z.string().max(256),
        protocol: z.string().max(256).optional(),
        targetPort: z.int().min(1).max(65535).optional(),
      }),
    )
    .max(256)
    .refine((ports) => new Set(ports.map((entry) => entry.number)).size === ports.length, { error: 'port number cannot be duplicated' })
    .optional(),
  location: z.enum(['MESH_EXTERNAL', 'MESH_INTERNAL']).optional(),
  resolution: z.enum(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS']).optional(),
  endpoints: z.array(z.strictObject(endpointFields)).max(4096).optional(),
  workloadSelector: z.strictObject({ labels: labels.optional() }).optional(),
  exportTo: strings.optional(),
  subjectAltNames: strings.optional(),
});

/** spec of a core/v1 Service: what decides routing; the other fields are Kubernetes' own and are not looked at. */
export const kubernetesServiceSpec = z.looseObject({
  selector: labels.optional(),
  ports: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        port: z.int().min(1).max(65535),
        targetPort: z.union([z.int(), z.string()]).optional(),
        protocol: z.string().optional(),
        appProtocol: z.string().optional(),
      }),
    )
    .optional(),
});

export const metadata = z.looseObject({
  name: z.string().min(1),
  namespace: z.string().optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
  creationTimestamp: z.string().optional(),
});

export type VirtualServiceSpec = z.output<typeof virtualServiceSpec>;
export type HttpRoute = z.output<typeof httpRoute>;
export type HttpMatch = z.output<typeof httpMatch>;
export type StringMatch = z.output<typeof stringMatch>;
export type Destination = z.output<typeof destination>;
export type HeaderOperations = z.output<typeof headers>;
export type DestinationRuleSpec = z.output<typeof destinationRuleSpec>;
export type Subset = NonNullable<DestinationRuleSpec['subsets']>[number];
export type TrafficPolicy = z.output<typeof trafficPolicy>;
export type ConnectionPool = z.output<typeof connectionPool>;
export type LoadBalancer = z.output<typeof loadBalancer>;
export type OutlierDetection = z.output<typeof outlierDetection>;
export type ServiceEntrySpec = z.output<typeof serviceEntrySpec>;
export type WorkloadEntrySpec = z.output<typeof workloadEntrySpec>;
export type KubernetesServiceSpec = z.output<typeof kubernetesServiceSpec>;
