import { expect, it } from 'vitest';
import { contextWith } from '../mesh/testing.ts';
import { waysOf } from './ways.ts';

const CAR = 'car.rentcar.svc.cluster.local';

const SUBSETS = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: car, namespace: rentcar}
spec: {host: car, subsets: [{name: stock, labels: {app: car}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: car, namespace: rentcar}
spec:
  hosts: [car]
  http:
    - match: [{uri: {exact: /rentcar.car.v1.CarService/CheckUpdateStock}}]
      route: [{destination: {host: car, subset: stock}}]
    - route: [{destination: {host: car}}]
`;

const waysTo = (policy: string, caller: string) =>
  waysOf(contextWith(policy))
    .filter((way) => way.caller === caller && way.host === CAR)
    .map(({ subset, method, isDeclared }) => [subset, method.split('/')[1], isDeclared]);

it('calls that a service declares go where its routes lead', () => {
  expect(waysTo(SUBSETS, 'rentcar/reservation')).toEqual([['stock', 'CheckUpdateStock', true]]);
});

it('the edge calls what is public', () => {
  expect(waysTo(SUBSETS, 'edge')).toEqual([
    ['', 'RegisterCar', true],
    ['', 'GetCar', true],
  ]);
});

it('without a VirtualService calls go to the host itself', () => {
  expect(waysTo('', 'rentcar/reservation')).toEqual([['', 'CheckUpdateStock', true]]);
});

it('a workload that declares nothing can call what is public', () => {
  expect(waysTo('', 'rentcar/car')).toEqual([
    ['', 'RegisterCar', false],
    ['', 'GetCar', false],
  ]);
});
