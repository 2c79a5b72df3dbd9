import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Representation, readPages, type StaticFile } from './pages.ts';
import type { Exchange } from './rpc/exchange.ts';
import { acceptsCoding, matchesTag } from './rpc/negotiation.ts';

/** Folders of built pages, as `npm run generate` makes them. */
export interface PageFolders {
  /** The web app, served below /app/. */
  readonly app: string;
  /** The API page and the OpenAPI documents, served at /docs and /openapi.*. */
  readonly docs: string;
}

/** What holds for every answer: nothing is guessed, framed, or told to other sites. */
const everywhere = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const common = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The web app loads its own files, calls its own origin, and does nothing else. */
const appPolicy = `${common}; style-src 'self'; img-src 'self'; manifest-src 'self'; require-trusted-types-for 'script'`;

/** The viewer of the API page is not ours: it sets styles in markup and draws with data: images. */
const docsPolicy = `${common}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:`;

/** A year, for names that hold a hash of the content: what is behind such a name never changes. */
const forEver = 'public, max-age=31536000, immutable';

/**
 * Serves the web app and the API page from built files, which it keeps in memory. A path is a key of what was read at the start, never a path
 * of the file system, so nothing outside of the folders can be asked for.
 *
 * @returns a handler that answers and says true for the paths of pages, and says false, having done nothing, for all others
 */
export function staticHandler(folders: PageFolders): (exchange: Exchange) => boolean {
  const app = freshPages(folders.app);
  const docs = freshPages(folders.docs);
  return (exchange) => {
    const path = pathOf(exchange.url);
    if (path === '/' || path === '/app') return answer(exchange, () => redirect(exchange, '/app/'));
    if (path === '/docs/') return answer(exchange, () => redirect(exchange, '/docs'));
    const asked = path.startsWith('/app/') || path === '/favicon.ico' ? appPage(app(), path) : docsPage(docs(), path);
    if (asked === undefined) return false;
    return answer(exchange, () => sendPage(exchange, asked));
  };
}

type Pages = ReadonlyMap<string, StaticFile>;

/** What a request asks for. */
interface Asked {
  /** Whether its folder is there. */
  readonly built: boolean;
  readonly file: StaticFile | undefined;
  /** The Content-Security-Policy of its page. */
  readonly policy: string;
}

/** A file of the app, or the page itself for an address that the app's router knows: one without an extension. */
function appPage(pages: Pages | undefined, path: string): Asked {
  const name = path === '/favicon.ico' ? 'icon.svg' : path.slice('/app/'.length);
  const page = name.slice(name.lastIndexOf('/') + 1).includes('.') ? undefined : pages?.get('index.html');
  return { built: pages !== undefined, file: pages?.get(name) ?? page, policy: appPolicy };
}

/** The API page, a file of it or an OpenAPI document; undefined if the path is none of them. */
function docsPage(pages: Pages | undefined, path: string): Asked | undefined {
  const name = docsName(path);
  return name === undefined ? undefined : { built: pages !== undefined, file: pages?.get(name), policy: docsPolicy };
}

/** The path of a request target, decoded once; what cannot be decoded stays as it is and is found nowhere. */
function pathOf(target: string): string {
  const path = target.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The name in the docs folder of what a path asks for; undefined if the path is none of the API page's. */
function docsName(path: string): string | undefined {
  if (path === '/docs') return 'index.html';
  if (path.startsWith('/docs/')) return path.slice('/docs/'.length);
  if (path === '/openapi.json' || path === '/openapi.yaml') return path.slice(1);
  return undefined;
}

/** Reads a folder when it is first asked for, and again when a new build has taken its place; undefined while there is none. */
function freshPages(folder: string): () => Pages | undefined {
  let build: number | undefined;
  let pages: Pages | undefined;
  return () => {
    // A build is put in place by renaming its folder, so another build is another inode.
    const inode = statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.ino;
    if (inode !== build) {
      pages = inode === undefined ? undefined : readPages(folder);
      build = inode;
    }
    return pages;
  };
}

/** Answers if the method reads, and refuses the others. */
function answer(exchange: Exchange, send: () => void): true {
  if (exchange.method === 'GET' || exchange.method === 'HEAD') send();
  else sendText(exchange, 405, 'Only GET and HEAD are answered here.', { allow: 'GET, HEAD' });
  return true;
}

function redirect(exchange: Exchange, location: string): void {
  sendText(exchange, 302, `Go to ${location}.`, { location });
}

function sendText(exchange: Exchange, status: number, text: string, headers: Record<string, string> = {}): void {
  const fields = { ...everywhere, ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
  exchange.answer(status, fields, Buffer.from(`${text}\n`));
}

function sendPage(exchange: Exchange, { built, file, policy }: Asked): void {
  if (file === undefined) {
    if (built) sendText(exchange, 404, 'There is nothing here. The app is at /app/, the API at /docs.');
    else sendText(exchange, 503, 'This page is not built: run npm run generate.', { 'retry-after': '5' });
    return;
  }
  const chosen = representation(file, exchange.headers['accept-encoding']);
  const headers = {
    ...everywhere,
    etag: chosen.etag,
    vary: 'accept-encoding',
    'cache-control': file.hashed ? forEver : 'no-cache',
    'content-security-policy': policy,
  };
  if (matchesTag(exchange.headers['if-none-match'], chosen.etag)) {
    exchange.answer(304, headers);
    return;
  }
  const described = {
    ...headers,
    'content-type': file.type,
    ...(chosen.coding === undefined ? {} : { 'content-encoding': chosen.coding }),
  };
  if (exchange.method === 'HEAD') exchange.answer(200, { ...described, 'content-length': String(chosen.content.length) });
  else exchange.answer(200, described, chosen.content);
}

/** The smallest representation that the client takes. */
function representation(file: StaticFile, accepted: string | string[] | undefined): Representation {
  const header = Array.isArray(accepted) ? accepted.join(',') : accepted;
  return file.compressed.find(({ coding }) => coding !== undefined && acceptsCoding(header, coding)) ?? file.identity;
}
