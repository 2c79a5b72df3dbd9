import type { ImageDigests } from '../generate/images.ts';

/**
 * Compares pinned digests with those of a registry.
 *
 * @param images full names and tags of the images that are used
 * @param ask returns the digest that a registry has for an image now; may throw
 * @returns a sentence for each image that is not pinned, or pinned to another digest, or not used any more, or that cannot be asked for
 */
export function imageFindings(images: readonly string[], digests: ImageDigests, ask: (image: string) => string): string[] {
  const unused = Object.keys(digests).filter((image) => !images.includes(image));
  return [
    ...images.flatMap((image) => {
      const pinned = digests[image];
      if (pinned === null || pinned === undefined) return [`${image} is not pinned: run \`npm run supply-chain -- pin\`.`];
      try {
        const now = ask(image);
        return now === pinned ? [] : [`${image} is pinned to ${pinned}, but the registry has ${now}.`];
      } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
      }
    }),
    ...unused.map((image) => `${image} is pinned, but nothing uses it.`),
  ];
}
