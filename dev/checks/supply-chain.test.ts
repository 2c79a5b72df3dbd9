import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fullName, imageDigests, imagesIn, withDigests, withoutDigests } from '../generate/images.ts';
import { root } from '../paths.mjs';
import { imageFindings } from './supply-chain.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

describe('the images of docker-compose.yml', () => {
  it('have an entry each among the digests, and no other image has', () => {
    expect(Object.keys(imageDigests()).toSorted()).toEqual(imagesIn(compose));
    expect(imagesIn(compose).length).toBeGreaterThan(4);
  });

  it('get the digest that is known, our own image apart; one without an entry is refused', () => {
    const file = 'services:\n  a:\n    image: postgres:18.4\n  b:\n    image: prom/prometheus:v3.5.0\n  c:\n    image: rentmesh:dev\n';
    const digests = { 'docker.io/library/postgres:18.4': A, 'docker.io/prom/prometheus:v3.5.0': null };
    const pinned = withDigests(file, digests);
    expect(pinned).toBe(file.replace('postgres:18.4', `postgres:18.4@${A}`));
    expect(imagesIn(pinned)).toEqual(Object.keys(digests));
    expect(withoutDigests(pinned, digests)).toBe(file);
    expect(withoutDigests(`image: docker.io/library/postgres@${A}`, digests)).toBe('image: docker.io/library/postgres:18.4');
    expect(() => withDigests(file, {})).toThrow('no entry for docker.io/library/postgres:18.4');
  });

  it.each([
    ['mongo:8.0', 'docker.io/library/mongo:8.0'],
    ['apache/kafka:4.3.1', 'docker.io/apache/kafka:4.3.1'],
    ['registry.example.com/rentmesh:1', 'registry.example.com/rentmesh:1'],
    ['localhost:5000/rentmesh:1', 'localhost:5000/rentmesh:1'],
  ])('%s is %s in full', (image, full) => {
    expect(fullName(image)).toBe(full);
  });
});

describe('the check of a maintainer', () => {
  const ask = (image: string) => {
    if (image === 'gone:1') throw new Error('there is no gone:1');
    return image === 'moved:1' ? B : A;
  };

  it('finds placeholders, digests that differ from the registry’s, and entries that nothing uses', () => {
    const digests = { 'right:1': A, 'moved:1': A, 'placeholder:1': null, 'unused:1': A, 'gone:1': A };
    expect(imageFindings(['right:1', 'moved:1', 'placeholder:1', 'gone:1', 'unlisted:1'], digests, ask)).toEqual([
      `moved:1 is pinned to ${A}, but the registry has ${B}.`,
      'placeholder:1 is not pinned: run `npm run supply-chain -- pin`.',
      'there is no gone:1',
      'unlisted:1 is not pinned: run `npm run supply-chain -- pin`.',
      'unused:1 is pinned, but nothing uses it.',
    ]);
    expect(imageFindings(['right:1'], { 'right:1': A }, ask)).toEqual([]);
  });
});
