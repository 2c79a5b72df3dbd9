import { kubectlJson } from './command.ts';

/** A pod, as far as tests look at it. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly app: string;
  readonly ip: string;
  readonly phase: string;
  readonly ready: boolean;
  /** Of the container that is named like the app. */
  readonly restarts: number;
  readonly containerId: string;
  /** Why the container waits, such as CreateContainerConfigError; empty while it runs. */
  readonly waiting: string;
  readonly message: string;
  /** Why no node was found for it; empty if one was. */
  readonly unscheduled: string;
  readonly leaving: boolean;
}

interface Listed {
  readonly items: readonly {
    readonly metadata: {
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly creationTimestamp: string;
      readonly deletionTimestamp?: string;
    };
    readonly status: {
      readonly phase: string;
      readonly podIP?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
      readonly containerStatuses?: readonly {
        readonly name: string;
        readonly restartCount: number;
        readonly containerID?: string;
        readonly state: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      }[];
    };
  }[];
}

/** The pods of an app, the oldest first. */
export async function podsOf(namespace: string, app: string): Promise<Pod[]> {
  const { items } = await kubectlJson<Listed>(['get', 'pods', '-n', namespace, '-l', `app=${app}`]);
  return items
    .toSorted((a, b) => order(a.metadata).localeCompare(order(b.metadata)))
    .map(({ metadata, status }) => {
      const container = status.containerStatuses?.find(({ name }) => name === app);
      return {
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        app,
        ip: status.podIP ?? '',
        phase: status.phase,
        ready: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
        restarts: container?.restartCount ?? 0,
        containerId: container?.containerID ?? '',
        waiting: container?.state.waiting?.reason ?? '',
        message: container?.state.waiting?.message ?? '',
        unscheduled: status.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False')?.message ?? '',
        leaving: metadata.deletionTimestamp !== undefined,
      };
    });
}

function order({ creationTimestamp, name }: { creationTimestamp: string; name: string }): string {
  return `${creationTimestamp} ${name}`;
}
