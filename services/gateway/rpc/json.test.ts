import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { readImage } from '#kit/rpc/contracts.ts';
import type { RpcError } from '#kit/rpc/errors.ts';
import { jsonCodec } from './json.ts';
import { methodsOf } from './methods.ts';

const methods = methodsOf(readImage());

function codecOf(path: string) {
  const method = methods.get(path);
  const codec = method && jsonCodec(method);
  if (method?.messages === undefined || codec === undefined) throw new Error(`no method ${path}`);
  return { ...codec, ...method.messages };
}

/** The error of a request, as `field: description` or, without a field, its reason. */
function parseErrorOf(path: string, json: string): string {
  try {
    codecOf(path).request(Buffer.from(json));
  } catch (error) {
    const { fieldViolations, reason } = error as RpcError;
    const [violation] = fieldViolations;
    return violation === undefined ? reason : `${violation.field}: ${violation.description}`;
  }
  return 'taken';
}

const REGISTER = '/rentcar.car.v1.CarService/RegisterCar';

describe('a JSON request', () => {
  it('becomes the binary message', () => {
    const { request, input } = codecOf(REGISTER);
    expect(fromBinary(input, request(Buffer.from('{"carName":"A","qty":2}')))).toMatchObject({ carName: 'A', qty: 2 });
  });

  it.each([
    ['{"colour":1}', 'colour: is not a field of the request'],
    ['{"carName":"A","qty":"many"}', 'qty: '],
    ['{"car_name":5}', 'carName: '],
    ['{"carName":"A","qty":"0x5"}', 'qty: has to be an integer'],
    ['{"carName":"A","qty":"5.0"}', 'qty: has to be an integer'],
    ['{"carName":"A","qty":"1e1"}', 'qty: has to be an integer'],
    ['{"carName":"A","qty":"+5"}', 'qty: has to be an integer'],
    ['{', 'MALFORMED_MESSAGE'],
    ['[]', 'MALFORMED_MESSAGE'],
    ['', 'MALFORMED_MESSAGE'],
  ])('%s is refused as %s', (json, expected) => {
    expect(parseErrorOf(REGISTER, json)).toContain(expected);
  });

  it('that is not UTF-8 is refused', () => {
    expect(() => codecOf(REGISTER).request(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('not UTF-8');
  });
});

describe('a JSON answer', () => {
  it('has the fields that have their default, as REST has them', () => {
    const { response, output } = codecOf('/rentcar.car.v1.CarService/ListCars');
    expect(JSON.parse(Buffer.from(response(toBinary(output, create(output)))).toString())).toMatchObject({ cars: [], nextPageToken: '' });
  });
});
