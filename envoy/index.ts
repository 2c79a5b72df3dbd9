export { type EdgeOptions, writeEdge } from './edge/edge.ts';
export { edgeSettings, offersPackage } from './edge/settings.ts';
export { loadMesh, type Mesh } from './policy/mesh.ts';
export { countKinds, type Finding, formatFinding, PolicyError } from './policy/source.ts';
export type { Workload } from './sidecar/clusters.ts';
export { PORTS } from './sidecar/listeners.ts';
export { type Interfaces, type SidecarOptions, writeSidecar } from './sidecar/sidecar.ts';
export { collectorOf } from './sidecar/tracing.ts';
