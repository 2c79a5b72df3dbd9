// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u0008\u000A-\u001F\u007F]/;

/**
 * What is wrong with a header's value as Envoy reads it: `%VARIABLE%` and `%VARIABLE(argument)%` are replaced, `%%` is a percent sign.
 * Whether Envoy knows the variable is not looked at.
 */
export function headerValueDefect(value: string): string | undefined {
  if (CONTROL.test(value)) return `header value configuration ${JSON.stringify(value)} has control characters`;
  let rest = value;
  for (let at = rest.indexOf('%'); at >= 0; at = rest.indexOf('%')) {
    rest = rest.slice(at + 1);
    if (rest === '') return `header value "${value}" has a single % at its end; a percent sign is written %%`;
    if (rest.startsWith('%')) {
      rest = rest.slice(1);
      continue;
    }
    const after = afterVariable(rest);
    if (after === undefined) return `header value "${value}" has an unfinished variable: %${rest}`;
    rest = after;
  }
  return undefined;
}

/** What follows a variable whose opening % has been read; undefined if it has no end. */
function afterVariable(text: string): string | undefined {
  const [, name = '', end = ''] = /^([^%(]*)([%(]?)/.exec(text) ?? [];
  const rest = text.slice(name.length + 1);
  if (end === '%') return rest;
  if (end === '') return undefined;
  // Arguments: either a JSON array of strings or plain text up to the closing parenthesis; a backslash takes the next character as it is.
  const array = /^ *\[ *(?:"(?:\\.|[^"\\)])*" *(?:, *"(?:\\.|[^"\\)])*" *)*)\] *\) *%/.exec(rest);
  if (array) return rest.slice(array[0].length);
  const plain = /^ *[^[ ](?:\\.|[^\\)"])*\) *%/.exec(rest);
  return plain ? rest.slice(plain[0].length) : undefined;
}
