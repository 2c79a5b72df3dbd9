import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Digests of the images of others, by full name and tag. Null is a placeholder: no registry was asked yet, and the image is
 * used by its tag. `npm run supply-chain` finds placeholders.
 */
export type ImageDigests = Readonly<Record<string, string | null>>;

const FILE = join(import.meta.dirname, 'image-digests.json');
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Images that this repository makes. */
const OWN = /^(?:docker\.io\/library\/)?rentmesh:/;

/** Reads the digests of this repository. @throws Error for one that is neither a digest nor null */
export function imageDigests(): ImageDigests {
  // The next lines hold the file against the type.
  const digests = JSON.parse(readFileSync(FILE, 'utf8')) as ImageDigests;
  for (const [image, digest] of Object.entries(digests))
    if (digest !== null && !DIGEST.test(digest)) throw new Error(`image-digests.json has no digest of ${image}, but "${digest}".`);
  return digests;
}

/** Replaces the digests of this repository. */
export function writeImageDigests(digests: ImageDigests): void {
  const sorted = Object.fromEntries(Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

/** The name of an image with its registry, as in `docker.io/library/postgres:18.4`. @param image as Docker reads it, with a tag */
export function fullName(image: string): string {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:]/.test(first) ? image : `docker.io/${image}`;
}

/** Appends its digest to each image of a Compose file. @throws Error for an image of others that has no entry */
export function withDigests(composeFile: string, digests: ImageDigests): string {
  return composeFile.replaceAll(/^( +image: )(\S+)$/gm, (line, start, image) => {
    if (OWN.test(image)) return line;
    const digest = digests[fullName(image)];
    if (digest === undefined) throw new Error(`image-digests.json has no entry for ${fullName(image)}: add it with null.`);
    return digest === null ? line : `${start}${image}@${digest}`;
  });
}

/** The images of others in a Compose file, by their full names, without digests. */
export function imagesIn(composeFile: string): string[] {
  const images = [...composeFile.matchAll(/^ +image: ([^\s@]+)/gm)].map(([, image = '']) => image);
  return [...new Set(images.filter((image) => !OWN.test(image)).map(fullName))].toSorted();
}

/** Puts tags in the place of digests, in a Compose file or in manifests: images that were not pulled have no digest. */
export function withoutDigests(text: string, digests: ImageDigests): string {
  const pinned = Object.entries(digests).flatMap(([image, digest]): [string, string][] => (digest === null ? [] : [[image, digest]]));
  // Kustomize leaves the tag out, Compose keeps it.
  return pinned.reduce((shorter, [image, digest]) => {
    const name = image.slice(0, image.lastIndexOf(':'));
    return shorter.replaceAll(`${name}@${digest}`, image).replaceAll(`@${digest}`, '');
  }, text);
}
