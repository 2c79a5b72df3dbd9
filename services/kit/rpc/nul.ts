import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { buildPath, type Path, type PathBuilder, type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/** Returns the paths of the texts of a message that contain U+0000, which no database can store. */
export function fieldsWithNul(desc: DescMessage, message: Message): Path[] {
  return [...pathsIn(reflect(desc, message), buildPath(desc))];
}

function* pathsIn(message: ReflectMessage, path: PathBuilder): Generator<Path> {
  for (const field of message.fields) {
    if (message.isSet(field)) yield* pathsOf(field, message, path.clone().field(field));
  }
}

function* pathsOf(field: DescField, message: ReflectMessage, path: PathBuilder): Generator<Path> {
  switch (field.fieldKind) {
    case 'scalar':
      yield* pathOf(message.get(field), path);
      break;
    case 'message':
      yield* pathsIn(message.get(field), path);
      break;
    case 'list':
      for (const [index, item] of message.get(field).entries()) {
        const place = path.clone().list(index);
        // The items of a list of messages are messages.
        if (field.listKind === 'message') yield* pathsIn(item as ReflectMessage, place);
        else yield* pathOf(item, place);
      }
      break;
    case 'map':
      for (const [key, value] of message.get(field)) {
        // The keys of a map are texts or numbers.
        const place = path.clone().map(key as string | number);
        if (field.mapKey === ScalarType.STRING) yield* pathOf(key, place);
        // The values of a map of messages are messages.
        if (field.mapKind === 'message') yield* pathsIn(value as ReflectMessage, place);
        else yield* pathOf(value, place);
      }
  }
}

function* pathOf(value: unknown, path: PathBuilder): Generator<Path> {
  if (typeof value === 'string' && value.includes('\0')) yield path.toPath();
}
