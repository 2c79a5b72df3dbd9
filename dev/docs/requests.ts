import type { DescMessage } from '@bufbuild/protobuf';
import { commentOf } from './contracts.ts';
import { asObject, asObjects, type JsonObject, objectAt } from './json.ts';
import { rulesOf } from './rules.ts';

/** Writes the rules of a request into its parameters and its body, and refuses members that the request does not have. */
export function completeRequest(operation: JsonObject, request: DescMessage): void {
  for (const parameter of asObjects(operation.parameters)) {
    const field = request.fields.find(({ name, jsonName }) => name === parameter.name || jsonName === parameter.name);
    if (field === undefined) continue;
    const { keywords, required } = rulesOf(field);
    parameter.name = field.jsonName;
    if (required) parameter.required = true;
    Object.assign(objectAt(parameter, 'schema'), keywords);
  }
  if (operation.requestBody === undefined) return;
  const body = objectAt(objectAt(objectAt(asObject(operation.requestBody), 'content'), 'application/json'), 'schema');
  const properties = objectAt(body, 'properties');
  // What is in the path is not in the body.
  const fields = request.fields.filter(({ jsonName }) => properties[jsonName] !== undefined);
  for (const field of fields) Object.assign(objectAt(properties, field.jsonName), rulesOf(field).keywords);
  const needed = fields.filter((field) => rulesOf(field).required).map(({ jsonName }) => jsonName);
  if (needed.length > 0) body.required = needed;
  body.additionalProperties = false;
  body.description = Object.keys(properties).length === 0 ? 'An empty object.' : commentOf(request);
}
