import { any, type Message } from '../json.ts';

/**
 * Most memory of a sidecar, in bytes. Requests of 1,000 streams that a service does not read take 160 MiB of it; 4,000 open watches take
 * 240 MiB in the sidecar of the gateway, which passes each on.
 */
export const SIDECAR_HEAP = 384 * 1024 * 1024;

/** What one process may hold. */
export interface ProcessLimits {
  /** Memory in bytes: near it requests are refused, connections no longer accepted, and the streams that hold most are reset. */
  readonly heap: number;
  /** Connections at once; more are closed at once, so that a flood cannot take all file descriptors. Unlimited if undefined. */
  readonly connections?: number | undefined;
}

/** What keeps a process within its limits, as fields of its bootstrap. */
export function overloadManager({ heap, connections }: ProcessLimits): Message {
  return {
    // What a burst needed goes back to the machine within seconds.
    memory_allocator_manager: { bytes_to_release: 1024 * 1024, memory_release_interval: '1s' },
    overload_manager: {
      refresh_interval: '0.25s',
      buffer_factory_config: { minimum_account_to_track_power_of_two: 20 },
      resource_monitors: [
        ...(connections === undefined
          ? []
          : [
              monitor('envoy.resource_monitors.global_downstream_max_connections', {
                type: 'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
                fields: { max_active_downstream_connections: connections },
              }),
            ]),
        monitor(HEAP, { type: 'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', fields: { max_heap_size_bytes: heap } }),
      ],
      actions: [
        action('shrink_heap', { threshold: { value: 0.8 } }),
        action('disable_http_keepalive', { threshold: { value: 0.85 } }),
        action('reset_high_memory_stream', { scaled: { scaling_threshold: 0.85, saturation_threshold: 0.95 } }),
        action('stop_accepting_requests', { threshold: { value: 0.9 } }),
        action('stop_accepting_connections', { threshold: { value: 0.95 } }),
      ],
    },
  };
}

const HEAP = 'envoy.resource_monitors.fixed_heap';

function monitor(name: string, { type, fields }: { readonly type: string; readonly fields: Message }): Message {
  return { name, typed_config: any(type, fields) };
}

function action(name: string, trigger: Message): Message {
  return { name: `envoy.overload_actions.${name}`, triggers: [{ name: HEAP, ...trigger }] };
}
