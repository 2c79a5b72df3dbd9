import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** The content of a file in one coding. */
export interface Representation {
  /** The content-encoding. Undefined: identity. */
  readonly coding: 'br' | 'gzip' | undefined;
  readonly content: Buffer;
  /** A strong entity tag. */
  readonly etag: string;
}

export interface StaticFile {
  /** The content-type. */
  readonly type: string;
  /** The file name contains a hash of the content, as for Vite assets. */
  readonly hashed: boolean;
  readonly identity: Representation;
  /** Smallest first. Empty if the file does not shrink. */
  readonly compressed: readonly Representation[];
}

/** Other files are not served. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  // Browsers download text/markdown.
  '.md': 'text/plain; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  // RFC 9512.
  '.yaml': 'application/yaml',
};

/**
 * Reads all files of known types, with their compressed copies (by `dev/bootstrap/compress.mjs`).
 *
 * @returns the files by path relative to the folder
 */
export function readStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const pages = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    const content = readFileSync(path);
    const etag = strongTag(content);
    const compressed = (['br', 'gzip'] as const).flatMap((coding) => {
      const copy = `${path}.${coding === 'br' ? 'br' : 'gz'}`;
      return existsSync(copy) ? [{ coding, content: readFileSync(copy), etag: tagOfCoding(etag, coding) }] : [];
    });
    pages.set(name, {
      type,
      hashed: name.startsWith('assets/'),
      identity: { coding: undefined, content, etag },
      compressed,
    });
  }
  return pages;
}

/** The entity tag of a file in a coding, from that of the file. */
export function tagOfCoding(etag: string, coding: string): string {
  return etag.replace(/"$/, `-${coding}"`);
}

/** An entity tag from a hash of the content. */
export function strongTag(content: Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
}
