import type { DeployedService, DeployedSystem } from '../systems.ts';
import { type Manifest, metadata, yamlFile } from '../yaml.ts';

const SECURITY_API = 'security.istio.io/v1';
const SERVICE_PORT = '50051';
const HEALTH = '/grpc.health.v1.Health/Check';

/** The identity in the certificate of a sidecar. */
export function principal(namespace: string, account: string): string {
  return `cluster.local/ns/${namespace}/sa/${account}`;
}

const EDGE = principal('edge', 'edge');
const GATEWAY = principal('edge', 'gateway');

/** Encrypts every call in a namespace, and allows none: other policies add what is allowed. */
export function lockdown(namespace: string): Manifest[] {
  return [
    { apiVersion: SECURITY_API, kind: 'PeerAuthentication', metadata: metadata(namespace, 'default'), spec: { mtls: { mode: 'STRICT' } } },
    { apiVersion: SECURITY_API, kind: 'AuthorizationPolicy', metadata: metadata(namespace, 'nothing'), spec: {} },
  ];
}

/**
 * Who may call whom in a system. The edge and the gateway may call what the contracts make public, peers what descriptors
 * declare, and the gateway asks for health.
 */
export function securityFile({ name, services }: DeployedSystem): string {
  return yamlFile(
    `Who may call whom in ${name}, by the identity in the certificate of the caller's sidecar. Every other call is refused.`,
    ...lockdown(name),
    ...services.map(authorization),
  );
}

function authorization(service: DeployedService): Manifest {
  const peers = new Map<string, string[]>();
  for (const { system, name, path } of service.calledBy) {
    const peer = principal(system, name);
    peers.set(peer, [...(peers.get(peer) ?? []), path]);
  }
  return {
    apiVersion: SECURITY_API,
    kind: 'AuthorizationPolicy',
    metadata: metadata(service.system, service.name),
    spec: {
      selector: { matchLabels: { app: service.name } },
      rules: [
        ...[...peers].map(([peer, paths]) => callRule([peer], paths)),
        // A rule without paths would allow every path.
        ...(service.publicPaths.length === 0 ? [] : [callRule([EDGE, GATEWAY], service.publicPaths)]),
        callRule([GATEWAY], [HEALTH]),
      ],
    },
  };
}

function callRule(principals: readonly string[], paths: readonly string[]): Manifest {
  return {
    from: [{ source: { principals } }],
    to: [{ operation: { methods: ['POST'], ports: [SERVICE_PORT], paths } }],
  };
}

/**
 * Who may connect to an engine inside the cluster.
 *
 * @param engine its name, which is its namespace and its label `app` as well
 */
export function engineSecurityFile(engine: string, port: number, users: readonly DeployedService[]): string {
  const principals = users.map(({ system, name }) => principal(system, name));
  return yamlFile(`Who may connect to ${engine}: the services that use it, of all systems.`, ...lockdown(engine), {
    apiVersion: SECURITY_API,
    kind: 'AuthorizationPolicy',
    metadata: metadata(engine, engine),
    spec: {
      selector: { matchLabels: { app: engine } },
      rules: [{ from: [{ source: { principals } }], to: [{ operation: { ports: [String(port)] } }] }],
    },
  });
}
