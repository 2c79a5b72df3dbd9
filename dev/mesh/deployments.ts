import { z } from 'zod';
import type { Labelled } from '../../envoy/policy/services.ts';
import { readDocuments } from '../../envoy/policy/source.ts';

/** A Deployment (or StatefulSet) of Kubernetes, as far as it says how many pods there are. */
export interface Deployment extends Labelled {
  readonly replicas: number;
  readonly file: string;
  readonly line: number;
}

const deployment = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: z.looseObject({ namespace: z.string().default('default') }),
  spec: z.looseObject({
    replicas: z.int().default(1),
    template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()).default({}) }) }),
  }),
});

/** The Deployments of policy files. Other documents, and those that cannot be read, are passed over: the policy reader tells of them. */
export function deploymentsOf(files: readonly { file: string; text: string }[]): Deployment[] {
  return files.flatMap(({ file, text }) =>
    readDocuments(file, text).sources.flatMap((source) => {
      const { data } = deployment.safeParse(source.value);
      if (!data) return [];
      const { metadata, spec } = data;
      return [
        {
          namespace: metadata.namespace,
          labels: spec.template.metadata.labels,
          replicas: spec.replicas,
          file,
          line: source.line(['spec', 'replicas']),
        },
      ];
    }),
  );
}
