import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, Message } from '../json.ts';

/**
 * Writes a file of a configuration directory by rename: Envoy watches for renames, and never sees half a file.
 * A file that has the content already is left alone, so that Envoy does not reload what has not changed.
 */
export function writeAtomically(directory: string, name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  const bytes = Buffer.from(content);
  if (readIfThere(path)?.equals(bytes)) return path;
  mkdirSync(directory, { recursive: true });
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, path);
  return path;
}

/** The content of a file, or undefined if there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** JSON as it is written to files: one field a line, so that two configurations can be compared with diff. */
export function formatJson(value: Json): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** A DiscoveryResponse as Envoy reads it from a file. Its version is a digest of it, so that Envoy can be asked whether it has taken it up. */
export function discovery(type: string, resources: readonly Message[]): string {
  const typed = resources.map((resource) => ({ '@type': `type.googleapis.com/${type}`, ...resource }));
  const version = createHash('sha256').update(JSON.stringify(typed)).digest('hex').slice(0, 16);
  return formatJson({ version_info: version, resources: typed });
}

/** Tells Envoy to take resources from a file and to watch it. */
export function fromFile(path: string): Message {
  return { resource_api_version: 'V3', path_config_source: { path } };
}

/** An address as Envoy writes it. */
export function socketAddress(address: string, port: number): Message {
  return { socket_address: { address, port_value: port } };
}
