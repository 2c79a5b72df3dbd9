import type { Destination } from '../schema/values.ts';
import type { Path } from '../source.ts';
import { hostDefect, portDefect, subsetDefect } from './names.ts';
import type { Report } from './report.ts';

/** Checks where a route leads. Whether there is such a service is another question (see references.ts). */
export function checkDestination({ host, port, subset }: Destination, path: Path, report: Report): void {
  report.check([...path, 'host'], host === '*' ? 'invalid destination host *' : hostDefect(host));
  if (subset) report.check([...path, 'subset'], subsetDefect(subset));
  if (port) report.check([...path, 'port'], portDefect(port.number ?? 0));
}

/** Weights are not negative, and of several destinations one at least has some. */
export function checkWeights(
  destinations: readonly { readonly destination: Destination; readonly weight?: number | undefined }[],
  path: Path,
  report: Report,
): void {
  for (const [i, { weight = 0 }] of destinations.entries()) {
    if (weight < 0) report.error([...path, i, 'weight'], `weight ${weight} < 0`);
  }
  const total = destinations.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (destinations.length > 1 && total === 0) report.error(path, 'total destination weight = 0');
}
