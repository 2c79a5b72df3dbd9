import { readFileSync } from 'node:fs';
import { create, createFileRegistry, fromBinary, type MessageInitShape, setExtension, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel,
  MethodOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { contractErrors } from './contracts.ts';

const contracts = readFileSync(new URL('../../gen/image.binpb', import.meta.url));

/** One method of a small contract. */
interface SmallMethod {
  readonly name: string;
  readonly get?: string;
  readonly post?: string;
  /** The fields of the request, texts; true for those that are marked as the acting user. */
  readonly fields?: Readonly<Record<string, boolean>>;
}

/** Adds contracts with a service each to the contracts of the repository, which have the options. */
function imageWith(services: Readonly<Record<string, readonly SmallMethod[]>>): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, contracts);
  const registry = createFileRegistry(set);
  const http = registry.getExtension('google.api.http');
  const rule = registry.getMessage('google.api.HttpRule');
  const actingUser = registry.getExtension('rentmesh.options.v1.acting_user');
  if (http === undefined || rule === undefined || actingUser === undefined) throw new Error('the contracts have no options');
  const optionsOf = ({ get, post }: SmallMethod) => {
    const options = create(MethodOptionsSchema);
    if (get !== undefined) options.idempotencyLevel = MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    const pattern = get === undefined ? { case: 'post', value: post } : { case: 'get', value: get };
    // HttpRule is known by its name only.
    setExtension(options, http, create(rule, { pattern } as MessageInitShape<typeof rule>));
    return options;
  };
  const fieldOf = ([name, isMarked]: readonly [string, boolean], index: number) => {
    const options = create(FieldOptionsSchema);
    if (isMarked) setExtension(options, actingUser, true);
    const label = FieldDescriptorProto_Label.OPTIONAL;
    return { name, number: index + 1, label, type: FieldDescriptorProto_Type.STRING, options };
  };
  for (const [proto, methods] of Object.entries(services)) {
    set.file.push(
      create(FileDescriptorProtoSchema, {
        name: `${proto}.proto`,
        package: proto,
        syntax: 'proto3',
        messageType: methods.map(({ name, fields = {} }) => ({ name: `${name}Request`, field: Object.entries(fields).map(fieldOf) })),
        service: [
          {
            name: 'Service',
            method: methods.map((method) => ({
              name: method.name,
              inputType: `.${proto}.${method.name}Request`,
              outputType: `.${proto}.${method.name}Request`,
              options: optionsOf(method),
            })),
          },
        ],
      }),
    );
  }
  return toBinary(FileDescriptorSetSchema, set);
}

describe('the contracts of the repository', () => {
  it('have no error', () => {
    expect(contractErrors(contracts)).toEqual([]);
  });
});

describe('a REST path', () => {
  it.each([
    ['/shop/orders', '/shop/orders'],
    ['/shop/orders/{order_id}', '/shop/orders/{id=*}'],
    ['/shop/orders/{order_id}:cancel', '/shop/orders/{id}:cancel'],
  ])('%s that two methods have is an error that names both', (first, second) => {
    const image = imageWith({ 'shop.order.v1': [{ name: 'One', get: first }], 'shop.archive.v1': [{ name: 'Two', get: second }] });
    expect(contractErrors(image)).toEqual([`shop.archive.v1.Service/Two and shop.order.v1.Service/One have one REST path: GET ${second}`]);
  });

  it.each([
    [
      { name: 'One', get: '/shop/orders/{order_id}' },
      { name: 'Two', get: '/shop/orders/{order_id}:watch' },
    ],
    [
      { name: 'One', get: '/shop/orders' },
      { name: 'Two', post: '/shop/orders' },
    ],
    [
      { name: 'One', get: '/shop/orders/{order_id}' },
      { name: 'Two', get: '/shop/orders/{order_id}/items' },
    ],
  ])('that differs in verb, method or segments is none', (one, two) => {
    expect(contractErrors(imageWith({ 'shop.order.v1': [one, two] }))).toEqual([]);
  });

  it('begins with the system', () => {
    const image = imageWith({
      'shop.order.v1': [{ name: 'One', get: '/orders' }],
      'cafe.order.v1': [{ name: 'Two', get: '/cafes/orders' }],
    });
    expect(contractErrors(image)).toEqual([
      'shop.order.v1.Service/One: the REST path GET /orders does not begin with /shop/',
      'cafe.order.v1.Service/Two: the REST path GET /cafes/orders does not begin with /cafe/',
    ]);
  });
});

describe('the user field of a request', () => {
  const errorsOf = (fields: Readonly<Record<string, boolean>>) =>
    contractErrors(imageWith({ 'shop.order.v1': [{ name: 'Create', post: '/shop/orders', fields }] }));

  it.each(['user_id', 'user_nm'])('%s that creates is marked', (name) => {
    expect(errorsOf({ [name]: false })).toEqual([
      `shop.order.v1.CreateRequest.${name} needs the option (rentmesh.options.v1.acting_user) = true`,
    ]);
    expect(errorsOf({ [name]: true })).toEqual([]);
  });

  it('is not marked twice', () => {
    expect(errorsOf({ user_id: true, user_nm: true })).toEqual(['shop.order.v1.CreateRequest marks several fields as the acting user']);
  });

  it('that filters a list need not be marked', () => {
    const list = { name: 'List', get: '/shop/orders', fields: { user_id: false } };
    expect(contractErrors(imageWith({ 'shop.order.v1': [list] }))).toEqual([]);
  });
});
