import { readFileSync } from 'node:fs';
import { any, type Json, type Message } from '../json.ts';

const LUA = 'envoy.extensions.filters.http.lua.v3.Lua';

/** The text of a script beside this module, without `.lua`. */
export function script(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
}

/** A filter that runs a script: the text of one, and what has to stand before it. */
export function luaFilter(name: string, ...source: readonly string[]): Message {
  return { name, typed_config: any(LUA, { default_source_code: { inline_string: source.join('\n') } }) };
}

/** A value as an expression of Lua. What is undefined is left out of tables. */
export function luaValue(value: Json): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return luaString(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `{${value.map(luaValue).join(',')}}`;
  const entries = Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [`[${luaString(key)}]=${luaValue(each)}`]));
  return `{${entries.join(',')}}`;
}

/** All bytes but those of names as decimal escapes, which Lua reads in every place. */
function luaString(text: string): string {
  const escaped = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w ./{}:*-]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
