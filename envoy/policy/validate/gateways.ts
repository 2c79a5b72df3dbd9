import type { Path } from '../source.ts';
import { fqdnDefect, isDnsLabel } from './names.ts';
import type { Report } from './report.ts';

/** Checks names of gateways: `namespace/name`, a name, or `mesh`. */
export function checkGateways(names: readonly string[], path: Path, report: Report): void {
  for (const [i, name] of names.entries()) {
    const slash = name.indexOf('/');
    if (slash < 0) {
      report.check([...path, i], fqdnDefect(name));
      // Istio looks at no further names after one in this form.
      return;
    }
    if (!isDnsLabel(name.slice(0, slash))) report.error([...path, i], `invalid value for namespace: "${name.slice(0, slash)}"`);
    if (!isDnsLabel(name.slice(slash + 1))) report.error([...path, i], `invalid value for gateway name: "${name.slice(slash + 1)}"`);
  }
}
