import { z } from 'zod';
import { atLeastMillisecond, atMostOne, duration, int32, labels, port, strings, uint32, uint64 } from './values.ts';

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

export type DestinationRuleSpec = z.output<typeof destinationRuleSpec>;
export type Subset = NonNullable<DestinationRuleSpec['subsets']>[number];
export type TrafficPolicy = z.output<typeof trafficPolicy>;
export type ConnectionPool = z.output<typeof connectionPool>;
export type LoadBalancer = z.output<typeof loadBalancer>;
export type OutlierDetection = z.output<typeof outlierDetection>;
