import type { Following } from '../api/follow.ts';
import { Command } from '../ui/command.tsx';
import { Empty } from '../ui/empty.tsx';

/** Shown without an observer: alternatives, and how to start the observer. */
export function NoObserver({ following }: { following: Extract<Following, { state: 'waiting' | 'failed' }> }) {
  return (
    <Empty icon="warning" title="No observer answers here">
      {following.state === 'waiting' && <p role="status">It is asked again every few seconds.</p>}
      <p>
        On a laptop, started with <code>npm start</code>, an observer reads the sidecars for this page. If it was stopped, start it again:
      </p>
      <Command>npm run service -- start observer</Command>
      <p>On Kubernetes and with Docker Compose there is none, since better tools are at hand:</p>
      <ul>
        <li>
          <strong>Kiali</strong> draws the services and the calls between them, and shows the policies that hold for each.
        </li>
        <li>
          <strong>Grafana</strong> shows rates, errors, latency, retries and open circuits over time, from Prometheus.
        </li>
        <li>
          <strong>Jaeger</strong> follows one request through all services and sidecars.
        </li>
      </ul>
    </Empty>
  );
}
