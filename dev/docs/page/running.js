/**
 * Removes the systems that do not run from an OpenAPI document. Paths start with the system, schema names with the proto package.
 * Contracts of the platform (`/mesh`, `rentmesh.*`, `google.*`) stay.
 *
 * @param {{ paths: Record<string, Record<string, { tags?: string[] }>>, tags: { name: string }[], components: { schemas: object } }} document
 * @param {readonly string[]} systems
 */
export function onlyRunning(document, systems) {
  const shown = new Set([...systems, 'mesh', 'rentmesh', 'google']);
  const paths = pick(document.paths, (path) => shown.has(path.split(/[/:]/)[1] ?? ''));
  const used = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags }) => tags ?? [])));
  const schemas = pick(document.components.schemas, (name) => shown.has(name.split('.')[0] ?? ''));
  return { ...document, paths, tags: document.tags.filter(({ name }) => used.has(name)), components: { ...document.components, schemas } };
}

/**
 * @template T
 * @param {Record<string, T> | object} object
 * @param {(key: string) => boolean} wanted
 * @returns {Record<string, T>}
 */
function pick(object, wanted) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => wanted(key)));
}
