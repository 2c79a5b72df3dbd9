import { isIP } from 'node:net';
import { RE2JS } from 're2js';
import { formatDuration, type Nanoseconds } from '../duration.ts';

// Each function answers what is wrong with a value, or undefined. The rules are those of Istio 1.31 (pkg/config/validation, pkg/config/labels).

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const WILDCARD_LABEL = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${LABEL})$`);
const QUALIFIED_NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_KEY = new RegExp(`^(${LABEL}(?:\\.${LABEL})*/)?(${QUALIFIED_NAME})$`);
const LABEL_VALUE = new RegExp(`^(?:${QUALIFIED_NAME})?$`);
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const PSEUDO_HEADERS = [':method', ':scheme', ':authority', ':path', ':status'];
const MAX_LABEL = 63;
const MAX_REGEX = 1024;

/** Whether a text is one label of a DNS name. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL && DNS_LABEL.test(text);
}

/** A host, or a pattern with a wildcard in its first label. */
export function hostDefect(host: string): string | undefined {
  const length = lengthDefect(host);
  if (length) return length;
  const dot = host.indexOf('.');
  const first = dot < 0 ? host : host.slice(0, dot);
  if (first.length > MAX_LABEL || !WILDCARD_LABEL.test(first)) return `domain name "${host}" invalid (label "${first}" invalid)`;
  return dot < 0 ? undefined : labelsDefect(host.slice(dot + 1));
}

/** A host without wildcards. */
export function fqdnDefect(host: string): string | undefined {
  return lengthDefect(host) ?? labelsDefect(host);
}

function lengthDefect(host: string): string | undefined {
  if (host.length > 255) return `domain name "${host}" too long (max 255)`;
  return host === '' ? 'empty domain name not allowed' : undefined;
}

function labelsDefect(domain: string): string | undefined {
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  if (/^[+-]?\d+$/.test(top)) return `domain name "${domain}" invalid (top level domain "${top}" cannot be all-numeric)`;
  const bad = labels.find((label, i) => !(i === labels.length - 1 && label === '') && !isDnsLabel(label));
  return bad === undefined ? undefined : `domain name "${domain}" invalid (label "${bad}" invalid)`;
}

/** An IP address, or a range of them in CIDR notation. */
export function subnetDefect(text: string): string | undefined {
  const [address = '', length, more] = text.split('/');
  const family = isIP(address);
  if (length === undefined) return family === 0 ? `${text} is not a valid IP` : undefined;
  const most = family === 4 ? 32 : 128;
  return family === 0 || more !== undefined || !/^\d+$/.test(length) || Number(length) > most
    ? `${text} is not a valid CIDR block`
    : undefined;
}

/** A duration that Envoy can keep: at least a millisecond, in whole milliseconds. */
export function durationDefect(duration: Nanoseconds): string | undefined {
  if (duration < 1e6) return `duration must be at least 1ms, this is ${formatDuration(duration)}`;
  return duration % 1e6 === 0 ? undefined : 'only durations to ms precision are supported';
}

export function portDefect(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : `port number ${port} must be in the range 1..65535`;
}

/** The name of a subset. */
export function subsetDefect(name: string): string | undefined {
  if (name === '') return 'subset name cannot be empty';
  return isDnsLabel(name) ? undefined : `subset name is invalid: ${name}`;
}

/** Labels of a workload. */
export function labelsOfWorkloadDefect(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const [, prefix = '', name = ''] = LABEL_KEY.exec(key) ?? [];
    if (name === '' || prefix.length > 254 || name.length > MAX_LABEL) return `invalid label key: "${key}"`;
    if (!LABEL_VALUE.test(value)) return `invalid label value: "${value}"`;
  }
  return undefined;
}

/** A label selector: no wildcards, no empty keys, no values that no label can have. */
export function selectorDefect(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (key === '') return `empty key is not supported in selector: "=${value}"`;
    if (key.includes('*') || value.includes('*')) return `wildcard is not supported in selector: "${key}=${value}"`;
    if (value.length > MAX_LABEL) return `label value is longer than ${MAX_LABEL} characters: "${value}"`;
  }
  return undefined;
}

/** The name of a header that is matched. */
export function matchedHeaderDefect(name: string): string | undefined {
  if (name === '') return 'header name cannot be empty';
  if (isJwtClaim(name)) return `JWT claim based routing (key: ${name}) is only supported for gateways`;
  return PSEUDO_HEADERS.includes(name) || HEADER_NAME.test(name) ? undefined : `header name ${name} is not a valid header name`;
}

function isJwtClaim(name: string): boolean {
  return /^@request\.auth\.claims(?:\.|\[)/i.test(name);
}

/** The name of a header in a CORS policy. */
export function corsHeaderDefect(name: string): string | undefined {
  if (name === '') return 'header name cannot be empty';
  return name === '*' || HEADER_NAME.test(name) ? undefined : `header name ${name} is not a valid header name`;
}

/** A regular expression in RE2's syntax, which Envoy uses. */
export function regexDefect(regex: string): string | undefined {
  if (regex === '') return 'regex string match should not be empty';
  if (regex.length > MAX_REGEX) return `regex is too large, max length allowed is ${MAX_REGEX}`;
  try {
    RE2JS.compile(regex);
    return undefined;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}; the syntax is RE2's (https://github.com/google/re2/wiki/Syntax)`;
  }
}
