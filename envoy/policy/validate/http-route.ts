import { STATUS_CODES } from 'node:http';
import { GRPC_STATUS } from '../../generate/grpc.ts';
import { isAuthority, isInternal } from '../../generate/headers.ts';
import type { HeaderOperations, HttpRoute } from '../schema/virtual-service.ts';
import type { Path } from '../source.ts';
import { checkDestination, checkWeights } from './destination.ts';
import { headerValueDefect } from './header-value.ts';
import { checkHttpMatch } from './http-match.ts';
import { corsHeaderDefect, durationDefect, portDefect, regexDefect } from './names.ts';
import type { Report } from './report.ts';

/** Conditions of Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on that Istio lets through. */
export const RETRY_CONDITIONS: readonly string[] = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
];
const CORS_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'];
const MAX_BODY = 1024 * 1024;

/** Checks one HTTP route as Istio's admission does. */
export function checkHttpRoute(route: HttpRoute, isDelegate: boolean, path: Path, report: Report): void {
  checkKind(route, isDelegate, path, report);
  for (const [i, match] of (route.match ?? []).entries()) checkHttpMatch(match, [...path, 'match', i], report);
  checkHeaders(route.headers, [...path, 'headers'], report);
  checkAuthority(route, path, report);
  checkCors(route.corsPolicy, [...path, 'corsPolicy'], report);
  checkFault(route.fault, [...path, 'fault'], report);
  checkMirrors(route, path, report);
  checkRedirect(route, [...path, 'redirect'], report);
  checkDirectResponse(route.directResponse, [...path, 'directResponse'], report);
  checkRetries(route.retries, [...path, 'retries'], report);
  checkRewrite(route.rewrite, [...path, 'rewrite'], report);
  for (const [i, { destination, headers }] of (route.route ?? []).entries()) {
    checkHeaders(headers, [...path, 'route', i, 'headers'], report);
    checkDestination(destination, [...path, 'route', i, 'destination'], report);
  }
  checkWeights(route.route ?? [], [...path, 'route'], report);
  if (route.timeout !== undefined) report.check([...path, 'timeout'], durationDefect(route.timeout));
}

/** A route leads somewhere, redirects, answers or delegates: one of them. */
function checkKind(route: HttpRoute, isDelegate: boolean, path: Path, report: Report): void {
  const routed = (route.route ?? []).length > 0;
  if (route.delegate && !isDelegate) {
    if (route.redirect) report.error([...path, 'redirect'], 'a route that delegates must not specify redirect');
    if (routed) report.error([...path, 'route'], 'a route that delegates must not specify route');
    return;
  }
  if (route.delegate) report.error([...path, 'delegate'], 'delegate HTTP route cannot contain delegate');
  const [own, word] = route.redirect ? ['redirect', 'redirect'] : ['directResponse', 'direct_response'];
  if (route.redirect || route.directResponse) {
    if (routed) report.error([...path, own], `HTTP route cannot contain both route and ${word}`);
    if (route.fault) report.error([...path, 'fault'], `HTTP route cannot contain both fault and ${word}`);
    if (route.rewrite) report.error([...path, 'rewrite'], `HTTP route cannot contain both rewrite and ${word}`);
    if (route.redirect && route.directResponse)
      report.error([...path, 'directResponse'], 'HTTP route cannot contain both direct_response and redirect');
  } else if (!routed) report.error(path, 'HTTP route, redirect or direct_response is required');
  if (route.mirror && (route.mirrors ?? []).length > 0)
    report.error([...path, 'mirrors'], 'HTTP route cannot contain both mirror and mirrors');
}

function checkHeaders(headers: HeaderOperations | undefined, path: Path, report: Report): void {
  for (const side of ['request', 'response'] as const) {
    for (const operation of ['add', 'set'] as const) {
      for (const [name, value] of Object.entries(headers?.[side]?.[operation] ?? {})) {
        const at = [...path, side, operation, name];
        report.check(at, headerNameDefect(name, side === 'request'));
        report.check(at, headerValueDefect(value));
      }
    }
    for (const [i, name] of (headers?.[side]?.remove ?? []).entries())
      report.check([...path, side, 'remove', i], headerNameDefect(name, false));
  }
}

function headerNameDefect(name: string, mayBeAuthority: boolean): string | undefined {
  if (name === '') return 'header name cannot be empty';
  if (!isInternal(name) || (mayBeAuthority && isAuthority(name))) return undefined;
  return `invalid header "${name}": it cannot be ${mayBeAuthority ? 'changed' : 'removed or set here'}`;
}

/** The authority is set in one place at most. */
function checkAuthority(route: HttpRoute, path: Path, report: Report): void {
  const { set = {}, add = {} } = route.headers?.request ?? {};
  const values = [
    route.rewrite?.authority ?? '',
    ...[...Object.entries(set), ...Object.entries(add)].filter(([key]) => isAuthority(key)).map(([, value]) => value),
  ];
  const [current, second] = values.filter((value, i) => value !== '' || i === values.length - 1);
  if (current && second !== undefined)
    report.error([...path, 'headers'], `authority header cannot be set multiple times: have "${current}", attempting to set "${second}"`);
}

function checkCors(cors: HttpRoute['corsPolicy'], path: Path, report: Report): void {
  if (!cors) return;
  for (const [i, origin] of (cors.allowOrigins ?? []).entries()) {
    if (!origin.exact && !origin.prefix && !origin.regex)
      report.error([...path, 'allowOrigins', i], 'an allowed origin needs exact, prefix or regex');
    else if (origin.regex) report.check([...path, 'allowOrigins', i, 'regex'], regexDefect(origin.regex));
  }
  for (const [i, method] of (cors.allowMethods ?? []).entries()) {
    if (!CORS_METHODS.includes(method)) report.error([...path, 'allowMethods', i], `"${method}" is not a supported HTTP method`);
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [i, name] of (cors[field] ?? []).entries()) report.check([...path, field, i], corsHeaderDefect(name));
  }
  if (cors.maxAge === undefined) return;
  report.check([...path, 'maxAge'], durationDefect(cors.maxAge));
  if (cors.maxAge % 1e9 > 0) report.error([...path, 'maxAge'], 'maxAge is accurate only to seconds precision');
}

function checkFault(fault: HttpRoute['fault'], path: Path, report: Report): void {
  if (!fault) return;
  const { abort, delay } = fault;
  if (!abort && !delay) report.error(path, 'HTTP fault injection must have an abort and/or a delay');
  if (abort) {
    const at = [...path, 'abort'];
    checkPercentage(abort.percentage?.value, [...at, 'percentage'], report);
    if (abort.grpcStatus !== undefined && !GRPC_STATUS.includes(abort.grpcStatus)) {
      report.error([...at, 'grpcStatus'], `gRPC status "${abort.grpcStatus}" is not supported, write for example NOT_FOUND`);
    }
    if (abort.http2Error !== undefined) report.error([...at, 'http2Error'], 'HTTP/2 abort fault injection not supported yet');
    if (abort.httpStatus !== undefined) report.check([...at, 'httpStatus'], statusDefect(abort.httpStatus));
    if (abort.grpcStatus === undefined && abort.httpStatus === undefined) report.warn(at, 'abort has no status, so nothing is aborted');
  }
  if (delay) {
    const at = [...path, 'delay'];
    checkPercentage(delay.percentage?.value, [...at, 'percentage'], report);
    if (delay.fixedDelay !== undefined) report.check([...at, 'fixedDelay'], durationDefect(delay.fixedDelay));
    if (delay.exponentialDelay !== undefined) report.error([...at, 'exponentialDelay'], 'exponentialDelay not supported yet');
    if (!delay.percentage && !delay.percent) report.warn(at, 'delay without percentage delays no request');
  }
}

function checkPercentage(value: number | undefined, path: Path, report: Report): void {
  if (value === undefined || value === 0) return;
  if (value < 0.0001 || value > 100) report.error(path, `percentage ${value} is neither 0, nor in range [0.0001, 100]`);
}

function statusDefect(status: number): string | undefined {
  return status < 200 || status > 600 ? `HTTP status ${status} is not in range 200-599` : undefined;
}

function checkMirrors(route: HttpRoute, path: Path, report: Report): void {
  const percent = route.mirrorPercent ?? route.mirror_percent;
  if (percent !== undefined) {
    if (percent > 100) report.error([...path, 'mirrorPercent'], `mirrorPercent must have a max value of 100 (it has ${percent})`);
    report.warn([...path, 'mirrorPercent'], 'mirrorPercent is deprecated, use mirrorPercentage');
  }
  const inRange = (value: number | undefined, at: Path): void => {
    if (value !== undefined && (value < 0 || value > 100)) report.error(at, `mirror percentage ${value} is not in range 0..100`);
  };
  inRange(route.mirrorPercentage?.value, [...path, 'mirrorPercentage']);
  if (route.mirror) checkDestination(route.mirror, [...path, 'mirror'], report);
  for (const [i, { destination, percentage }] of (route.mirrors ?? []).entries()) {
    checkDestination(destination, [...path, 'mirrors', i, 'destination'], report);
    inRange(percentage?.value, [...path, 'mirrors', i, 'percentage']);
  }
}

function checkRedirect(route: HttpRoute, path: Path, report: Report): void {
  const { redirect } = route;
  if (!redirect) return;
  const { uri, prefixRewrite, authority, port, derivePort, scheme, redirectCode } = redirect;
  if (uri && prefixRewrite) report.error(path, 'redirect may only specify one of uri or prefixRewrite');
  else if (prefixRewrite && (route.match ?? []).some((match) => match.uri && match.uri.prefix === undefined)) {
    report.error([...path, 'prefixRewrite'], 'redirect prefixRewrite requires all URI matches to use prefix match type');
  } else if (!uri && !prefixRewrite && !authority && port === undefined && derivePort === undefined && !scheme) {
    report.error(path, 'redirect must specify URI, authority, scheme, or port');
  } else if (redirectCode && (redirectCode < 300 || redirectCode > 399)) {
    report.error([...path, 'redirectCode'], `${redirectCode} is not a valid redirect code, must be 3xx`);
  } else if (scheme && scheme !== 'http' && scheme !== 'https')
    report.error([...path, 'scheme'], 'invalid redirect scheme, must be "http" or "https"');
  else if (port) report.check([...path, 'port'], portDefect(port));
}

function checkDirectResponse(response: HttpRoute['directResponse'], path: Path, report: Report): void {
  if (!response) return;
  const size = Buffer.byteLength(response.body?.string ?? '') + Buffer.from(response.body?.bytes ?? '', 'base64').length;
  if (size > MAX_BODY) report.error([...path, 'body'], 'a direct response must be less than 1 MiB');
  report.check([...path, 'status'], statusDefect(response.status));
}

function checkRetries(retries: HttpRoute['retries'], path: Path, report: Report): void {
  if (!retries) return;
  const { attempts = 0, perTryTimeout, retryOn, retryRemoteLocalities, backoff } = retries;
  if (attempts < 0) report.error([...path, 'attempts'], 'attempts cannot be negative');
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn || retryRemoteLocalities !== undefined)) {
    report.error(path, 'http retry policy configured when attempts are set to 0 (disabled)');
  }
  if (perTryTimeout !== undefined) report.check([...path, 'perTryTimeout'], durationDefect(perTryTimeout));
  if (backoff !== undefined) report.check([...path, 'backoff'], durationDefect(backoff));
  for (const condition of retryOn ? retryOn.split(',') : []) {
    if (RETRY_CONDITIONS.includes(condition) || (/^[+-]?\d+$/.test(condition) && STATUS_CODES[Number(condition)] !== undefined)) continue;
    report.error(
      [...path, 'retryOn'],
      `"${condition}" is not a valid retryOn policy${condition === condition.trim() ? '' : ' (write no spaces)'}`,
    );
  }
}

function checkRewrite(rewrite: HttpRoute['rewrite'], path: Path, report: Report): void {
  if (!rewrite) return;
  const { uri, uriRegexRewrite: regex, authority } = rewrite;
  if (uri && regex) report.error(path, 'rewrite may only contain one of uri or uriRegexRewrite');
  else if (!uri && !regex && !authority) report.error(path, 'rewrite must specify at least one of uri, uriRegexRewrite, or authority');
  else if (regex && (!regex.match || !regex.rewrite))
    report.error([...path, 'uriRegexRewrite'], 'uriRegexRewrite requires both rewrite and match fields to be specified');
  else if (regex?.match) report.check([...path, 'uriRegexRewrite', 'match'], regexDefect(regex.match));
}
