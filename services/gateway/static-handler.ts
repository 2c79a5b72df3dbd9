import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ApiDocuments, type Format } from './api-document.ts';
import type { HttpExchange } from './rpc/http-exchange.ts';
import { acceptsCoding, matchesTag } from './rpc/negotiation.ts';
import { type Representation, readStaticFiles, type StaticFile, strongTag } from './static-files.ts';

/** What `npm run generate` builds. */
export interface BuiltPages {
  /** The folder of the web app, served below /app/. */
  readonly app: string;
  /** The folder of the API page, served at /docs. */
  readonly docs: string;
  /** The OpenAPI document of all systems. That of the running systems is served at /openapi.json and /openapi.yaml. */
  readonly document: string;
}

/** Headers of every response. */
const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const commonPolicy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const appPolicy = `${commonPolicy}; style-src 'self'; img-src 'self'; manifest-src 'self'; require-trusted-types-for 'script'`;

/** The third-party viewer sets inline styles and uses data: images. */
const docsPolicy = `${commonPolicy}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:`;

/** The running systems, for the web app. */
const SYSTEMS_PATH = '/app/systems.json';

/** Paths of the OpenAPI document. */
const formats: ReadonlyMap<string, Format> = new Map([
  ['/openapi.json', 'json'],
  ['/openapi.yaml', 'yaml'],
]);

/** One year, for file names with a content hash. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Serves the web app and the API page from memory. Request paths are map keys, never file system paths, so path traversal is impossible.
 *
 * @param systems names of the running systems, served at /app/systems.json and described by the OpenAPI document
 * @returns a handler that returns false for paths of no page
 */
export function staticHandler(built: BuiltPages, systems: () => ReadonlySet<string>): (exchange: HttpExchange) => boolean {
  const app = freshPages(built.app);
  const docs = freshPages(built.docs);
  const documents = new ApiDocuments(built.document, systems);
  return (exchange) => {
    const path = pathOf(exchange.url);
    if (path === '/' || path === '/app') return respondToRead(exchange, () => redirect(exchange, '/app/'));
    if (path === '/docs/') return respondToRead(exchange, () => redirect(exchange, '/docs'));
    const format = formats.get(path);
    if (format !== undefined) return respondToRead(exchange, () => sendDocument(exchange, documents.get(format)));
    if (path === SYSTEMS_PATH) return respondToRead(exchange, () => sendPage(exchange, systemsPage(systems())));
    const resource = path.startsWith('/app/') || path === '/favicon.ico' ? appPage(app(), path) : docsPage(docs(), path);
    if (resource === undefined) return false;
    return respondToRead(exchange, () => sendPage(exchange, resource));
  };
}

function sendDocument(exchange: HttpExchange, document: Promise<StaticFile> | undefined): void {
  const send = (file: StaticFile | undefined) => sendPage(exchange, { built: document !== undefined, file, policy: docsPolicy });
  if (document === undefined) send(undefined);
  else void document.then(send);
}

/** A JSON array with the names of the running systems. */
function systemsPage(names: ReadonlySet<string>): Resource {
  const content = Buffer.from(JSON.stringify([...names]));
  const identity: Representation = { coding: undefined, content, etag: strongTag(content) };
  return { built: true, file: { type: 'application/json', hashed: false, identity, compressed: [] }, policy: appPolicy };
}

type Pages = ReadonlyMap<string, StaticFile>;

interface Resource {
  /** The folder exists. */
  readonly built: boolean;
  readonly file: StaticFile | undefined;
  /** Content-Security-Policy. */
  readonly policy: string;
}

/** Paths without an extension are routes of the app and get index.html. */
function appPage(pages: Pages | undefined, path: string): Resource {
  const name = path === '/favicon.ico' ? 'icon.svg' : path.slice('/app/'.length);
  const page = name.slice(name.lastIndexOf('/') + 1).includes('.') ? undefined : pages?.get('index.html');
  return { built: pages !== undefined, file: pages?.get(name) ?? page, policy: appPolicy };
}

function docsPage(pages: Pages | undefined, path: string): Resource | undefined {
  const name = docsName(path);
  return name === undefined ? undefined : { built: pages !== undefined, file: pages?.get(name), policy: docsPolicy };
}

/** Decodes the path of a request target once. A malformed path stays unchanged and matches nothing. */
function pathOf(target: string): string {
  const path = target.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Maps a path to a file in the docs folder. */
function docsName(path: string): string | undefined {
  if (path === '/docs') return 'index.html';
  if (path.startsWith('/docs/')) return path.slice('/docs/'.length);
  return undefined;
}

/** Reads a folder at first use, and again after a new build. Returns undefined while the folder does not exist. */
function freshPages(folder: string): () => Pages | undefined {
  let build: number | undefined;
  let pages: Pages | undefined;
  return () => {
    // A build replaces the folder by rename, so a new build has a new inode.
    const inode = statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.ino;
    if (inode !== build) {
      pages = inode === undefined ? undefined : readStaticFiles(folder);
      build = inode;
    }
    return pages;
  };
}

function respondToRead(exchange: HttpExchange, send: () => void): true {
  if (exchange.method === 'GET' || exchange.method === 'HEAD') send();
  else sendText(exchange, 405, 'Use GET or HEAD.', { allow: 'GET, HEAD' });
  return true;
}

function redirect(exchange: HttpExchange, location: string): void {
  sendText(exchange, 302, `Go to ${location}.`, { location });
}

function sendText(exchange: HttpExchange, status: number, text: string, headers: Record<string, string> = {}): void {
  const fields = { ...commonHeaders, ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
  exchange.respond(status, fields, Buffer.from(`${text}\n`));
}

function sendPage(exchange: HttpExchange, { built, file, policy }: Resource): void {
  if (file === undefined) {
    if (built) sendText(exchange, 404, 'Not found. The app is at /app/, the API page at /docs.');
    else sendText(exchange, 503, 'This page is not built. Run npm run generate.', { 'retry-after': '5' });
    return;
  }
  const chosen = representation(file, exchange.headers['accept-encoding']);
  const headers = {
    ...commonHeaders,
    etag: chosen.etag,
    vary: 'accept-encoding',
    'cache-control': file.hashed ? IMMUTABLE : 'no-cache',
    'content-security-policy': policy,
  };
  if (matchesTag(exchange.headers['if-none-match'], chosen.etag)) {
    exchange.respond(304, headers);
    return;
  }
  const described = {
    ...headers,
    'content-type': file.type,
    ...(chosen.coding === undefined ? {} : { 'content-encoding': chosen.coding }),
  };
  if (exchange.method === 'HEAD') exchange.respond(200, { ...described, 'content-length': String(chosen.content.length) });
  else exchange.respond(200, described, chosen.content);
}

/** The smallest representation that the client accepts. */
function representation(file: StaticFile, accepted: string | string[] | undefined): Representation {
  const header = Array.isArray(accepted) ? accepted.join(',') : accepted;
  return file.compressed.find(({ coding }) => coding !== undefined && acceptsCoding(header, coding)) ?? file.identity;
}
