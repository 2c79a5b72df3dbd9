import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** A file's content in one coding. */
export interface Representation {
  /** The content-encoding; undefined for the file as it is. */
  readonly coding: 'br' | 'gzip' | undefined;
  readonly content: Buffer;
  /** A strong entity tag: no two contents and no two codings share one. */
  readonly etag: string;
}

/** A file to serve. */
export interface StaticFile {
  /** The content-type. */
  readonly type: string;
  /** Whether its name holds a hash of its content, as Vite names assets. */
  readonly hashed: boolean;
  readonly identity: Representation;
  /** Smallest first; empty if the file does not shrink. */
  readonly compressed: readonly Representation[];
}

/** What is served, and nothing else: a file of another kind does not belong in a folder of pages. */
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  // As text/markdown a browser would save it instead of showing it.
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
 * Reads every file of a folder that has a known type, with the compressed copies beside it (`dev/bootstrap/compress.mjs` makes them).
 *
 * @returns the files by their names relative to the folder, with `/` between folders
 */
export function readPages(folder: string): ReadonlyMap<string, StaticFile> {
  const pages = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    const content = readFileSync(path);
    const tag = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    const compressed = (['br', 'gzip'] as const).flatMap((coding) => {
      const copy = `${path}.${coding === 'br' ? 'br' : 'gz'}`;
      return existsSync(copy) ? [{ coding, content: readFileSync(copy), etag: `"${tag}-${coding}"` }] : [];
    });
    pages.set(name, {
      type,
      hashed: name.startsWith('assets/'),
      identity: { coding: undefined, content, etag: `"${tag}"` },
      compressed,
    });
  }
  return pages;
}
