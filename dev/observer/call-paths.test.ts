import { expect, it } from 'vitest';
import { contextWith } from '../mesh/testing.ts';
import { callPathsOf } from './call-paths.ts';

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

const pathsToCar = (policy: string, caller: string) =>
  callPathsOf(contextWith(policy))
    .filter((path) => path.caller === caller && path.host === CAR)
    .map(({ subset, method, isDeclared }) => [subset, method.split('/')[1], isDeclared]);

it('calls that a service declares go where its routes lead', () => {
  expect(pathsToCar(SUBSETS, 'rentcar/reservation')).toEqual([['stock', 'CheckUpdateStock', true]]);
});

it('the edge calls what is public', () => {
  expect(pathsToCar(SUBSETS, 'edge')).toEqual([
    ['', 'RegisterCar', true],
    ['', 'GetCar', true],
  ]);
});

it('without a VirtualService calls go to the host itself', () => {
  expect(pathsToCar('', 'rentcar/reservation')).toEqual([['', 'CheckUpdateStock', true]]);
});

it('a workload that declares nothing can call what is public', () => {
  expect(pathsToCar('', 'rentcar/car')).toEqual([
    ['', 'RegisterCar', false],
    ['', 'GetCar', false],
  ]);
});
