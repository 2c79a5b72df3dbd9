/** Lines of a file. */
export interface Excerpt {
  readonly text: string;
  /** The number of its first line, counted from 1. */
  readonly firstLine: number;
}

/** What is nested in a line is shown up to this many lines: more is to be read in the file. */
const LONGEST = 14;

/** A line of a YAML file with the comment above it, which gives the reason, and with what is nested in it. @param line counted from 1 */
export function excerptAt(text: string, line: number): Excerpt {
  const lines = text.split('\n');
  const own = lines[line - 1];
  if (own === undefined) return { text: '', firstLine: 0 };
  let first = line - 1;
  while (isComment(lines[first - 1])) first--;
  let end = line;
  while (isNested(lines[end], own) && end - first < LONGEST) end++;
  // A comment at the end belongs to what follows.
  while (end > line && isComment(lines[end - 1])) end--;
  return { text: outdented(lines.slice(first, end)), firstLine: first + 1 };
}

function isComment(line: string | undefined): boolean {
  return line !== undefined && /^\s*#/.test(line);
}

/** Whether a line is part of the value that another one begins. An item of a list is so by its dash. */
function isNested(line: string | undefined, beginning: string): boolean {
  return line !== undefined && line.trim() !== '' && !line.startsWith('---') && indent(line) > indent(beginning);
}

function indent(line: string): number {
  return line.search(/\S|$/);
}

function outdented(lines: readonly string[]): string {
  const least = Math.min(...lines.map(indent));
  return lines.map((line) => line.slice(least)).join('\n');
}
