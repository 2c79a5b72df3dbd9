import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clustersFor } from '../generate/clusters.ts';
import { routesFor } from '../generate/routes.ts';
import { readMesh } from '../policy/mesh.ts';
import { scopeOf } from '../policy/scope.ts';
import { PolicyError } from '../policy/source.ts';
import { type Generated, reduce } from './reduce.ts';

const CASES = new URL('./cases/', import.meta.url);

const read = (name: string, file: string) => readFileSync(new URL(`${name}/${file}`, CASES), 'utf8');

function generate(name: string): Generated {
  const mesh = readMesh([{ file: 'input.yaml', text: read(name, 'input.yaml') }], { encrypts: true });
  const proxy = JSON.parse(read(name, 'proxy.json'));
  const scope = scopeOf(mesh, { ...proxy, address: proxy.ip });
  // As it is written: without what is undefined.
  return JSON.parse(JSON.stringify({ clusters: clustersFor(scope), routes: routesFor(scope) }));
}

const names = readdirSync(CASES).toSorted();
const isRefused = (name: string) => existsSync(new URL(`${name}/refused.txt`, CASES));

describe('what is generated is what Istio generates', () => {
  it.each(names.filter((name) => !isRefused(name)))('%s', (name) => {
    expect(reduce(generate(name))).toEqual(JSON.parse(read(name, 'expected.json')));
  });
});

describe('what Istio refuses is refused', () => {
  it.each(names.filter(isRefused))('%s', (name) => {
    expect(() => generate(name)).toThrow(PolicyError);
  });
});
