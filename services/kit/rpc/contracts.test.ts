import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, MethodOptionsSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { publicImage, servicesOf } from './contracts.ts';

/** `google.api.http = { get: "/x" }`, as an option that this program does not know. */
const annotated = {
  ...create(MethodOptionsSchema),
  $unknown: [{ no: 72295728, wireType: 2, data: Uint8Array.of(4, 0x12, 2, 0x2f, 0x78) }],
};

const image = toBinary(
  FileDescriptorSetSchema,
  create(FileDescriptorSetSchema, {
    file: [
      create(FileDescriptorProtoSchema, {
        name: 'a.proto',
        package: 'shop.order.v1',
        service: [
          { name: 'OrderService', method: [{ name: 'Order', options: annotated }, { name: 'Check' }] },
          { name: 'AdminService', method: [{ name: 'Reset' }] },
        ],
      }),
    ],
  }),
);

describe('the public part of an image', () => {
  it('has the annotated methods, and the services that have one', () => {
    expect(servicesOf(image)).toEqual(['shop.order.v1.OrderService', 'shop.order.v1.AdminService']);
    const open = publicImage(image);
    expect(servicesOf(open)).toEqual(['shop.order.v1.OrderService']);
    const { file } = fromBinary(FileDescriptorSetSchema, open);
    expect(file[0]?.service[0]?.method.map(({ name }) => name)).toEqual(['Order']);
  });
});
