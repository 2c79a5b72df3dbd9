import { styleText } from 'node:util';
import type { Place } from './trace.ts';

type Style = Parameters<typeof styleText>[0];

/** Styles a text on a terminal, and nowhere else (nor where NO_COLOR is set). */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return stream.isTTY ? styleText(style, text, { stream }) : text;
}

/** `file:line`, the form that editors and terminals make a link of. */
export function linked({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** Breaks a text into lines of a width; words longer than that stay whole. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
