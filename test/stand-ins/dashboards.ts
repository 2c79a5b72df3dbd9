import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildGoProgram } from '../../dev/bootstrap/go.mjs';
import { engineFolders } from '../../dev/paths.mjs';
import { emptyFolder, layOutShell, place } from './files.ts';
import type { StandIn } from './stand-in.ts';

const PATH = 'PATH=/usr/local/bin:/bin';

/**
 * Lays out stand-ins of the dashboards' images below a folder, which is made anew: the real Jaeger and Prometheus, built from their Go modules on
 * first use, which takes minutes. Their pages are in no module, so they answer their query APIs only.
 */
export async function layOutDashboards(folder: string): Promise<StandIn[]> {
  await buildGoProgram('prometheus');
  await buildGoProgram('jaeger');
  rmSync(folder, { recursive: true, force: true });
  const [shell, prometheus, jaeger] = [join(folder, 'shell'), join(folder, 'prometheus'), join(folder, 'jaeger')];
  layOutShell(shell);

  place(prometheus, join(engineFolders.prometheus, 'prometheus'), '/bin/prometheus', 0o755);
  for (const each of ['prometheus', 'etc/prometheus']) emptyFolder(prometheus, each);

  place(jaeger, join(engineFolders.jaeger, 'jaeger'), '/cmd/jaeger/jaeger-linux', 0o755);

  return [
    {
      image: 'docker.io/prom/prometheus:v3.5.0',
      layers: [shell, prometheus],
      entrypoint: ['/bin/prometheus'],
      command: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
      user: '65534:65534',
      env: [PATH],
      stopSignal: 'SIGTERM',
    },
    {
      image: 'docker.io/jaegertracing/jaeger:2.13.0',
      layers: [shell, jaeger],
      entrypoint: ['/cmd/jaeger/jaeger-linux'],
      command: [],
      user: '10001:10001',
      env: [PATH],
      stopSignal: 'SIGTERM',
    },
  ];
}
