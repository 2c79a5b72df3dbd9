import { describe, expect, it } from 'vitest';
import { routesFor } from '../generate/routes.ts';
import { onOneListener } from '../sidecar/routes.ts';
import { at, scopeWith, TO_CAR, virtual } from '../testing/mesh.ts';
import { policyRoutes } from './direct.ts';

const HOST = 'car.rentcar.svc.cluster.local:50051';
const GET = '/rentcar.car.v1.CarService/GetCar';
const LIST = '/rentcar.car.v1.CarService/ListCars';

/** The names of the routes for a method. */
const namesFor = (http: string | undefined, path = GET) =>
  policyRoutes(onOneListener(routesFor(scopeWith(http === undefined ? [] : [virtual(http)]))))(HOST, path)?.map(({ name }) => name);

describe('the routes of a policy that the front applies itself', () => {
  it('are the default one without a VirtualService', () => {
    expect(namesFor(undefined)).toEqual(['default']);
  });

  it('are those whose path is that of the method, up to the first that takes every call', () => {
    const http = `[
      {name: other, match: [{uri: {exact: ${LIST}}}], ${TO_CAR}},
      {name: tagged, match: [{uri: {prefix: /rentcar.car.v1.}, headers: {x-tag: {exact: a}}}], ${TO_CAR}},
      {name: get, match: [{uri: {exact: ${GET.toUpperCase()}}, ignoreUriCase: true}], timeout: 1s, ${TO_CAR}},
      {name: rest, ${TO_CAR}}]`;
    expect(namesFor(http)).toEqual(['tagged', 'get']);
    expect(namesFor(http, LIST)).toEqual(['other']);
  });

  it.each([
    ['a fault', `{name: x, fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 1}}}, ${TO_CAR}}`],
    ['CORS', `{name: x, corsPolicy: {allowOrigins: [{exact: "https://a"}]}, ${TO_CAR}}`],
    ['a redirect', '{name: x, redirect: {uri: /n}}'],
    ['an answer of its own', '{name: x, directResponse: {status: 503}}'],
    ['a rewritten path', `{name: x, rewrite: {uri: /n}, ${TO_CAR}}`],
    ['an expression for the path', `{name: x, match: [{uri: {regex: ".*"}}], ${TO_CAR}}`],
    ['a match of the authority', `{name: x, match: [{authority: {prefix: car}}], ${TO_CAR}}, {name: rest, ${TO_CAR}}`],
    ['a match of a deadline', `{name: x, match: [{headers: {grpc-timeout: {exact: 1S}}}], ${TO_CAR}}, {name: rest, ${TO_CAR}}`],
    ['no route for what is left', `{name: x, match: [{headers: {x-tag: {exact: a}}}], ${TO_CAR}}`],
  ])('are none with %s', (_, http) => {
    expect(namesFor(`[${http}]`)).toBeUndefined();
  });

  it('hold for a method that such a route is not about', () => {
    const http = `[{name: x, match: [{uri: {exact: ${LIST}}}], fault: {abort: {httpStatus: 503}}, ${TO_CAR}}, {name: rest, ${TO_CAR}}]`;
    expect(namesFor(http)).toEqual(['rest']);
    expect(namesFor(http, LIST)).toBeUndefined();
  });

  it('keep weights and header operations', () => {
    const to = (subset: string): string => `{destination: {host: car, subset: ${subset}}, weight: 50}`;
    const policy = policyRoutes(
      onOneListener(routesFor(scopeWith([virtual(`[{headers: {request: {set: {x-a: b}}}, route: [${to('v1')}, ${to('v2')}]}]`)]))),
    );
    const [route] = policy(HOST, GET) ?? [];
    expect(at(route, 'request_headers_to_add', 0, 'header')).toEqual({ key: 'x-a', value: 'b' });
    expect(at(route, 'route', 'weighted_clusters', 'clusters', 1, 'weight')).toBe(50);
  });
});
