import { describe, expect, it } from 'vitest';
import { at, routesIn, scopeWith, TO_CAR, virtual } from '../testing/mesh.ts';

const root = (match: string): string => virtual(`[{match: [${match}], timeout: 3s, delegate: {name: inner}}]`);
const inner = (http: string, more = ''): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: inner, namespace: rentcar}\nspec: {http: ${http}${more}}\n`;

describe('a route that delegates', () => {
  it("becomes the delegate's routes, each narrowed by its own match, with its own settings where they have none", () => {
    const routes = routesIn(
      scopeWith([root('{uri: {prefix: /a}}'), inner(`[{match: [{uri: {prefix: /a/b}}], ${TO_CAR}}, {timeout: 1s, ${TO_CAR}}]`)]),
    );
    expect(routes.map((route) => [at(route, 'match', 'prefix'), at(route, 'route', 'timeout')])).toEqual([
      ['/a/b', '3s'],
      ['/a', '1s'],
    ]);
  });

  it('leaves out a route of the delegate that contradicts it', () => {
    const routes = routesIn(scopeWith([root('{uri: {prefix: /a}}'), inner(`[{match: [{uri: {prefix: /b}}], ${TO_CAR}}, {${TO_CAR}}]`)]));
    expect(routes.map((route) => at(route, 'match', 'prefix'))).toEqual(['/a']);
  });

  it('is left out if its delegate is not there or not exported to it', () => {
    const names = (documents: string[]): unknown[] => routesIn(scopeWith(documents)).map((route) => route.name);
    expect(names([root('{uri: {prefix: /a}}')])).toEqual(['default']);
    expect(names([root('{uri: {prefix: /a}}'), inner(`[{${TO_CAR}}]`, ', exportTo: [starcoffee]')])).toEqual(['default']);
  });
});
