import { clusterOnlyFields, describeField } from '../fields.ts';
import { noEffect } from '../kinds.ts';
import { isHttp, type Service } from '../services.ts';
import type { Source } from '../source.ts';
import type { Report } from './report.ts';

/** Reports the fields of an object that only a cluster acts on. */
export function checkClusterOnlyFields({ kind, source }: { readonly kind: string; readonly source: Source }, report: Report): void {
  for (const { field, path } of clusterOnlyFields(kind, specOf(kind, source))) {
    if (field.isRefused) report.unencrypted(path, describeField(field));
    else report.warn(path, describeField(field));
  }
}

/** Warns of the ports of a service that no listener serves. */
export function checkPorts(service: Service | undefined, report: Report): void {
  for (const [i, port] of (service?.ports ?? []).entries()) {
    if (!isHttp(port)) report.warn(['ports', i], noEffect(`port ${port.number} of protocol ${port.protocol}`, 'only HTTP is routed'));
  }
}

/** Returns the spec as written. A ServiceEntry without a resolution has the resolution NONE. */
function specOf(kind: string, { value }: Source): unknown {
  // The schema of the kind has accepted the object.
  const { spec = {} } = value as { readonly spec?: object };
  return kind === 'ServiceEntry' ? { resolution: 'NONE', ...spec } : spec;
}
