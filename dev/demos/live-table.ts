import { stripVTControlCharacters, styleText } from 'node:util';
import { dim, green, red } from '../bootstrap/lines.mjs';
import type { Outcome } from './users.ts';

/** A column of the table. */
export interface Column {
  readonly title: string;
  readonly width: number;
  /** Texts are left, numbers right. */
  readonly align: 'left' | 'right';
}

/** The output: process.stdout, or a screen of a test. */
export type Screen = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly rows?: number };

/** Escape sequences (ECMA-48, and xterm's private modes): what they do is their name. */
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const up = (lines: number) => (lines === 0 ? '' : `\u001b[${lines}A`);

/** Lines of a terminal that does not say how many it has. */
const USUAL_ROWS = 24;

/**
 * A table that grows by a row each second. On a terminal the row of the running second is redrawn in place, and the rows that do not fit any
 * more are left out at the top; elsewhere each row is printed once, when its second is over.
 */
export class LiveTable {
  readonly #screen: Screen;
  readonly #columns: readonly Column[];
  readonly #rows: string[] = [];
  /** Lines of the table that are on the screen, the last of them being the one that the cursor is below. */
  #drawn = 0;
  #live = false;

  constructor(columns: readonly Column[], screen: Screen = process.stdout) {
    this.#columns = columns;
    this.#screen = screen;
  }

  /** Begins the table. */
  begin(): void {
    this.#live = true;
    this.#drawn = 0;
    this.#rows.length = 0;
    if (this.#screen.isTTY === true) this.#screen.write(HIDE_CURSOR + WRAP_OFF);
    else this.#screen.write(`${this.#header().join('\n')}\n`);
  }

  /** Shows the second that is running; nothing happens where there is no terminal. */
  running(cells: readonly string[]): void {
    if (this.#live && this.#screen.isTTY === true) this.#draw([...this.#rows, this.#line(cells)]);
  }

  /** Adds the row of a second that is over. */
  row(cells: readonly string[]): void {
    const line = this.#line(cells);
    this.#rows.push(line);
    if (this.#screen.isTTY === true) this.#draw(this.#rows);
    else this.#screen.write(`${line}\n`);
  }

  /** Ends the table, and leaves the terminal as it was. Further calls do nothing. */
  leave(): void {
    if (!this.#live) return;
    this.#live = false;
    if (this.#screen.isTTY === true) {
      this.#draw(this.#rows);
      this.#screen.write(WRAP_ON + SHOW_CURSOR);
    }
  }

  #header(): string[] {
    return [dim(this.#line(this.#columns.map(({ title }) => title))), dim(this.#columns.map(({ width }) => '─'.repeat(width)).join(' '))];
  }

  #line(cells: readonly string[]): string {
    const padded = this.#columns.map(({ width, align }, index) => {
      const cell = cells[index] ?? '';
      const space = ' '.repeat(Math.max(0, width - stripVTControlCharacters(cell).length));
      return align === 'left' ? cell + space : space + cell;
    });
    return padded.join(' ').trimEnd();
  }

  #draw(rows: readonly string[]): void {
    const header = this.#header();
    const fitting = Math.max(1, (this.#screen.rows ?? USUAL_ROWS) - header.length - 1);
    const lines = [...header, ...rows.slice(-fitting)];
    this.#screen.write(`${up(this.#drawn)}\r${lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join('')}${CLEAR_BELOW}`);
    this.#drawn = lines.length;
  }
}

/** Draws shares as a bar: █ succeeded, ▒ expired, ░ refused, ! unexpected. */
export function bar(counts: Readonly<Record<Outcome, number>>, width: number): string {
  const total = counts.succeeded + counts.expired + counts.refused + counts.unexpected;
  if (total === 0) return '';
  // Every outcome that occurs gets a character.
  const part = (count: number) => (count === 0 ? 0 : Math.max(1, Math.round((count / total) * width)));
  const [expired, refused, unexpected] = [part(counts.expired), part(counts.refused), part(counts.unexpected)];
  const succeeded = Math.max(counts.succeeded === 0 ? 0 : 1, width - expired - refused - unexpected);
  const yellow = (text: string) => styleText('yellow', text, { stream: process.stdout });
  return green('█'.repeat(succeeded)) + yellow('▒'.repeat(expired)) + dim('░'.repeat(refused)) + red('!'.repeat(unexpected));
}
