import { z } from 'zod';
import { labels, strings, uint32 } from './values.ts';

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

/** Schema of spec of a core/v1 Service. Kubernetes checks the fields that do not decide routing. */
export const kubernetesServiceSpec = z.strictObject({
  ...unchecked('allocateLoadBalancerNodePorts', 'clusterIPs', 'externalIPs', 'externalName', 'externalTrafficPolicy'),
  ...unchecked('healthCheckNodePort', 'internalTrafficPolicy', 'ipFamilies', 'ipFamilyPolicy', 'loadBalancerClass', 'loadBalancerIP'),
  ...unchecked('loadBalancerSourceRanges', 'publishNotReadyAddresses', 'sessionAffinity', 'sessionAffinityConfig', 'trafficDistribution'),
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).optional(),
  clusterIP: z.string().optional(),
  selector: labels.optional(),
  ports: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        port: z.int().min(1).max(65535),
        targetPort: z.union([z.int(), z.string()]).optional(),
        nodePort: z.int().optional(),
        protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
        appProtocol: z.string().optional(),
      }),
    )
    .optional(),
});

/** Schema of metadata of any object. */
export const metadata = z.strictObject({
  ...unchecked('deletionGracePeriodSeconds', 'deletionTimestamp', 'finalizers', 'generateName', 'generation', 'managedFields'),
  ...unchecked('ownerReferences', 'resourceVersion', 'selfLink', 'uid'),
  name: z.string().min(1),
  namespace: z.string().optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
  creationTimestamp: z.string().optional(),
});

/** Fields that are known, with any value. */
function unchecked(...names: readonly string[]): Record<string, z.ZodOptional<z.ZodUnknown>> {
  return Object.fromEntries(names.map((name) => [name, z.unknown().optional()]));
}

export type ServiceEntrySpec = z.output<typeof serviceEntrySpec>;
export type WorkloadEntrySpec = z.output<typeof workloadEntrySpec>;
export type KubernetesServiceSpec = z.output<typeof kubernetesServiceSpec>;
