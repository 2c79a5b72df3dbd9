import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { at, messages } from '../testing/mesh.ts';
import { frontListener } from './front.ts';
import { publicImage } from './image.ts';
import { meshHost } from './routes.ts';

const image = publicImage(readFileSync(new URL('../../gen/image.binpb', import.meta.url)));

describe('the image of what is public', () => {
  it('has the methods with google.api.http and no other', () => {
    const paths = image.methods.map((method) => method.path);
    expect(paths).toContain('/rentcar.car.v1.CarService/RegisterCar');
    expect(paths).not.toContain('/rentcar.car.v1.CarService/CheckUpdateStock');
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image.bytes));
    expect(registry.getService('rentcar.car.v1.CarService')?.methods.map((method) => method.name)).toEqual([
      'RegisterCar',
      'GetCar',
      'ListCars',
    ]);
  });

  it('gives a method with response_body that body as its output', () => {
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image.bytes));
    const get = registry.getService('rentcar.car.v1.CarService')?.method.getCar;
    expect(get?.output.typeName).toBe('rentcar.car.v1.Car');
    expect(image.methods.find((method) => method.path.endsWith('/GetCar'))?.bodyField).toBe(1);
    expect(image.methods.find((method) => method.path.endsWith('/ListCars'))?.bodyField).toBeUndefined();
  });
});

describe('the front', () => {
  const listener = frontListener({ host: '127.0.0.1', port: 8088, image, imageFile: 'image.binpb' });
  const manager = at(listener, 'filter_chains', 0, 'filters', 0, 'typed_config');
  const routes = messages(at(manager, 'route_config', 'virtual_hosts', 0, 'routes'));

  it('leads each public method to the host of its package, and health and reflection to the gateway', () => {
    const hostOf = (name: string) => at(routes.find((route) => route.name === name)?.route, 'host_rewrite_literal');
    expect(hostOf('rentcar.car.v1.CarService/GetCar')).toBe('car.rentcar.svc.cluster.local:50051');
    expect(hostOf('/grpc.health.')).toBe('gateway.edge.svc.cluster.local:50051');
    expect(meshHost('starcoffee.payment.v1')).toBe('payment.starcoffee.svc.cluster.local:50051');
  });

  it('leads gRPC to the service, and whatever else comes to its path to the gateway', () => {
    const [grpc, json, other] = routes.filter((route) => at(route, 'match', 'path') === '/rentcar.car.v1.CarService/GetCar');
    expect(messages(at(grpc, 'match', 'headers')).map(({ name }) => name)).toContain('content-type');
    expect(at(grpc, 'route', 'host_rewrite_literal')).toBe('car.rentcar.svc.cluster.local:50051');
    expect(at(other, 'match', 'headers')).toBeUndefined();
    expect(at(json, 'route', 'host_rewrite_literal')).toBe('gateway.edge.svc.cluster.local:50051');
    expect(at(other, 'route', 'host_rewrite_literal')).toBe('gateway.edge.svc.cluster.local:50051');
  });

  it('looks for a path with a verb before the one that contains it', () => {
    const names = routes.map((route) => route.name);
    const watch = names.indexOf('GET /rentcar/mypages/{reservation_id}:watch');
    expect(watch).toBeGreaterThan(0);
    expect(watch).toBeLessThan(names.indexOf('GET /rentcar/mypages/{reservation_id}'));
  });

  it('gives a stream longer than a call that answers once', () => {
    const idle = (name: string) => at(routes.find((route) => route.name === name)?.route, 'idle_timeout');
    expect(idle('GET /rentcar/mypages/{reservation_id}:watch')).toBe('3600s');
    expect(idle('GET /rentcar/mypages/{reservation_id}')).toBe('60s');
  });

  it('turns the filters of REST on where a path is one of REST, and nowhere else', () => {
    const buffer = 'envoy.filters.http.buffer';
    expect(messages(at(manager, 'http_filters')).find(({ name }) => name === buffer)).toMatchObject({ disabled: true });
    const on = routes.filter((route) => at(route, 'typed_per_filter_config', buffer) !== undefined).map((route) => String(route.name));
    expect(on.length).toBeGreaterThan(0);
    for (const name of on) expect(name).toMatch(/^[A-Z]+ \//);
  });

  it('leads nothing else anywhere', () => {
    expect(routes.map((route) => route.name)).not.toContain('rentcar.car.v1.CarService/CheckUpdateStock');
    expect(at(routes.at(-1), 'route', 'cluster_not_found_response_code')).toBe('NOT_FOUND');
  });

  it('makes its own answers google.rpc.Status', () => {
    const mappers = messages(at(manager, 'local_reply_config', 'mappers'));
    const overloaded = mappers
      .map((mapper) => at(mapper, 'body_format_override', 'json_format'))
      .find((body) => at(body, 'details', 0, 'reason') === 'OVERLOADED');
    expect(overloaded).toMatchObject({ code: 14, details: [{ domain: 'rentmesh' }, { retryDelay: '1s' }] });
  });
});
