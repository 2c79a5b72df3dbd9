import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { asObject, asObjects, type JsonObject } from './json.ts';

/** The documents that protoc-gen-openapiv3 made of the contracts, one for each file with a public method; `npm run generate` makes them. */
const FOLDER = join(import.meta.dirname, 'base');

/** An operation of the base, with what it is found by. */
export interface Operation {
  /** The method's full name: `rentcar.car.v1.CarService.GetCar`. */
  readonly method: string;
  /** `get`, `post`. */
  readonly verb: string;
  /** With the names of the proto's fields: `/rentcar/cars/{car_id}`. */
  readonly path: string;
  readonly operation: JsonObject;
}

/** What the documents hold together. */
export interface Base {
  readonly operations: readonly Operation[];
  readonly schemas: JsonObject;
  readonly tags: readonly JsonObject[];
}

/** Reads the base, fresh with each call: what is returned can be changed. */
export function readBase(): Base {
  const operations: Operation[] = [];
  const schemas: JsonObject = {};
  const tags: JsonObject[] = [];
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!name.endsWith('.openapi.json')) continue;
    const document = asObject(JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));
    const protoPackage = dirname(name).replaceAll(sep, '.');
    operations.push(...operationsOf(document, protoPackage));
    Object.assign(schemas, asObject(asObject(document.components).schemas));
    tags.push(...asObjects(document.tags).map((tag) => ({ ...tag, name: tagName(protoPackage, String(tag.name)) })));
  }
  return { operations, schemas, tags };
}

function operationsOf(document: JsonObject, protoPackage: string): Operation[] {
  return Object.entries(asObject(document.paths)).flatMap(([path, item]) =>
    Object.entries(asObject(item)).map(([verb, operation]) => {
      const found = asObject(operation);
      // The generator writes `CarService_GetCar`, which two systems may share.
      const [service = '', name] = String(found.operationId).split('_');
      const method = `${protoPackage}.${service}.${name}`;
      return { method, verb, path, operation: { ...found, operationId: method, tags: [tagName(protoPackage, service)] } };
    }),
  );
}

/** `rentcar / CarService`. Service names alone are not unique. */
function tagName(protoPackage: string, service: string): string {
  return `${protoPackage.split('.')[0]} / ${service}`;
}
