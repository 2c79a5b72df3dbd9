import type { StringMatch } from '../schema/values.ts';
import type { HttpMatch } from '../schema/virtual-service.ts';
import type { Path } from '../source.ts';
import { checkGateways } from './gateways.ts';
import { isDnsLabel, labelsOfWorkloadDefect, matchedHeaderDefect, portDefect, regexDefect } from './names.ts';
import type { Report } from './report.ts';

/** Checks one match of an HTTP route as Istio's admission does. */
export function checkHttpMatch(match: HttpMatch, path: Path, report: Report): void {
  for (const [name, value] of Object.entries(match.headers ?? {})) {
    const at = [...path, 'headers', name];
    report.check(at, matchedHeaderDefect(name));
    checkStringMatch(value, at, report);
  }
  for (const [name, value] of Object.entries(match.withoutHeaders ?? {})) {
    const at = [...path, 'withoutHeaders', name];
    report.check(at, matchedHeaderDefect(name));
    // The regex `*` is Istio's way to write "is there".
    if (value.regex !== '*') checkStringMatch(value, at, report);
  }
  // Only a path may have an empty prefix.
  if (match.uri?.regex !== undefined) report.check([...path, 'uri', 'regex'], regexDefect(match.uri.regex));
  for (const field of ['scheme', 'method', 'authority'] as const) {
    const value = match[field];
    if (value) checkStringMatch(value, [...path, field], report);
  }
  for (const [name, value] of Object.entries(match.queryParams ?? {})) checkStringMatch(value, [...path, 'queryParams', name], report);
  if (match.port) report.check([...path, 'port'], portDefect(match.port));
  report.check([...path, 'sourceLabels'], labelsOfWorkloadDefect(match.sourceLabels));
  checkGateways(match.gateways ?? [], [...path, 'gateways'], report);
  if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace)) {
    report.error([...path, 'sourceNamespace'], `sourceNamespace match ${match.sourceNamespace} is invalid`);
  }
}

function checkStringMatch(value: StringMatch, path: Path, report: Report): void {
  if (value.prefix === '') report.error(path, 'prefix string match should not be empty');
  if (value.regex !== undefined) report.check([...path, 'regex'], regexDefect(value.regex));
}
