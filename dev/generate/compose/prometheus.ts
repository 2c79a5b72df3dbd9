import { stringify } from 'yaml';
import { platformServices } from '../../systems/services.ts';
import type { DeployedSystem } from '../systems.ts';
import { HEADER } from '../yaml.ts';

/** The port on which an Envoy of docker-compose.yml serves its statistics, as with Istio. */
const STATS_PORT = 15090;

/** Configuration of Prometheus: the statistics of the Envoys of all systems. Targets of systems that do not run are down. */
export function prometheusFile(systems: readonly DeployedSystem[]): string {
  const services = [...systems.flatMap((system) => system.services), ...platformServices.filter(({ isLocal }) => !isLocal)];
  const targets = [
    { targets: [`edge:${STATS_PORT}`], labels: { workload: 'edge' } },
    ...services.map(({ system, name }) => ({
      targets: [`${name}.${system}:${STATS_PORT}`],
      labels: { workload: `${system}/${name}` },
    })),
  ];
  const job = {
    job_name: 'envoy',
    metrics_path: '/stats/prometheus',
    // The cluster outbound|50051|<subset>|<service>.<system>.svc.cluster.local is for calls to <system>/<service>.
    metric_relabel_configs: [
      {
        source_labels: ['mesh_cluster'],
        regex: 'outbound\\|\\d+\\|[^|]*\\|([^.]+)\\.([^.]+)\\..*',
        replacement: '$2/$1',
        target_label: 'callee',
      },
    ],
    static_configs: targets,
  };
  const file = { global: { scrape_interval: '5s' }, scrape_configs: [job] };
  return `${HEADER}# The statistics of every Envoy. A target of a system that does not run is down.\n${stringify(file, { lineWidth: 0 })}`;
}
