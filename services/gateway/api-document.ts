import { readFileSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Representation, type StaticFile, strongTag, tagOfCoding } from './static-files.ts';

const gzipped = promisify(gzip);

/** An OpenAPI document, as far as it is read here. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly tags?: readonly string[] }>>>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const types = { json: 'application/json', yaml: 'application/yaml' };

/** A form of the document. */
export type Format = keyof typeof types;

/** The OpenAPI document of the running systems. Made at the first request after a change of the systems or a new build. */
export class ApiDocuments {
  readonly #source: string;
  readonly #systems: () => ReadonlySet<string>;
  #version = '';
  readonly #made = new Map<Format, Promise<StaticFile>>();

  /**
   * @param source the document of all systems, which `npm run generate` builds
   * @param systems names of the running systems
   */
  constructor(source: string, systems: () => ReadonlySet<string>) {
    this.#source = source;
    this.#systems = systems;
  }

  /** Returns the document; undefined while it is not built. */
  get(format: Format): Promise<StaticFile> | undefined {
    // A build replaces the folder by rename, so a new build has a new inode.
    const inode = statSync(this.#source, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) return undefined;
    const systems = this.#systems();
    const version = [inode, ...systems].join(' ');
    if (version !== this.#version) this.#made.clear();
    this.#version = version;
    const made = this.#made.get(format) ?? fileOf(onlyRunning(JSON.parse(readFileSync(this.#source, 'utf8')), systems), format);
    this.#made.set(format, made);
    return made;
  }
}

/**
 * Removes the systems that do not run from a document. Paths start with the system, schema names with the proto package. Contracts of
 * the platform (`/mesh`, `rentmesh.*`, `google.*`) stay.
 */
export function onlyRunning<T extends ApiDocument>(document: T, systems: ReadonlySet<string>): T {
  const shown = new Set([...systems, 'mesh', 'rentmesh', 'google']);
  const paths = pick(document.paths, (path) => shown.has(path.split(/[/:]/)[1] ?? ''));
  const used = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags }) => tags ?? [])));
  const schemas = pick(document.components.schemas, (name) => shown.has(name.split('.')[0] ?? ''));
  return { ...document, paths, tags: document.tags.filter(({ name }) => used.has(name)), components: { ...document.components, schemas } };
}

function pick<T>(object: Readonly<Record<string, T>>, isWanted: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => isWanted(key)));
}

async function fileOf(document: ApiDocument, format: Format): Promise<StaticFile> {
  const content = Buffer.from(format === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : await toYaml(document));
  const identity: Representation = { coding: undefined, content, etag: strongTag(content) };
  const compressed: Representation = { coding: 'gzip', content: await gzipped(content), etag: tagOfCoding(identity.etag, 'gzip') };
  return { type: types[format], hashed: false, identity, compressed: [compressed] };
}

/**
 * Returns a document as YAML. Lets other work run after each path and each schema: all of them take up to a second, in which the
 * gateway would forward no call.
 */
async function toYaml({ paths, components, ...head }: ApiDocument): Promise<string> {
  const { stringify } = await import('yaml');
  const write = (value: object) => stringify(value, { lineWidth: 120, aliasDuplicateObjects: false });
  const writeEntries = async (entries: object, indent: string) => {
    let text = '';
    for (const [name, value] of Object.entries(entries)) {
      text += write({ [name]: value }).replaceAll(/^(?=.)/gm, indent);
      await setImmediate();
    }
    return text;
  };
  const writtenPaths = await writeEntries(paths, '  ');
  return `${write(head)}paths:\n${writtenPaths}components:\n  schemas:\n${await writeEntries(components.schemas, '    ')}`;
}
