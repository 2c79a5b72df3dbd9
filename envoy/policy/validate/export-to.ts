import { isDnsLabel } from './names.ts';
import type { Report } from './report.ts';

export interface ExportRules {
  readonly namespace: string;
  /** A ServiceEntry can be exported to no one (`~`). */
  readonly none?: boolean;
  /** A rule for some callers only holds in its own namespace. */
  readonly ownNamespaceOnly?: boolean;
}

/** Checks exportTo: known forms, no duplicates, `*` and `~` only by themselves. */
export function checkExportTo(
  exportTo: readonly string[] | undefined,
  { namespace, none, ownNamespaceOnly }: ExportRules,
  report: Report,
): void {
  const seen = new Set<string>();
  for (const [i, entry] of (exportTo ?? []).entries()) {
    const path = ['exportTo', i];
    const scope = entry === '.' ? namespace : entry;
    if (seen.has(scope)) report.error(path, `duplicate entries in exportTo for ${entry}`);
    else if (entry === '~' && !none) report.error(path, 'exportTo ~ (none) is not allowed here');
    else if (scope !== '*' && scope !== '~' && !isDnsLabel(scope))
      report.error(path, `exportTo takes ".", "*" or a namespace, not "${entry}"`);
    else seen.add(scope);
  }
  if (ownNamespaceOnly && seen.size > 0 && (seen.size > 1 || !seen.has(namespace))) {
    report.error(['exportTo'], 'destination rule with workload selector cannot have exportTo beyond current namespace');
  }
  if (seen.has('*') && (exportTo ?? []).length > 1)
    report.error(['exportTo'], 'cannot have both public (*) and non-public exportTo values');
  if (seen.has('~') && (exportTo ?? []).length > 1) report.error(['exportTo'], 'cannot export to no one (~) and someone');
}
