import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bar, type Column, LiveTable } from './live-table.ts';

const columns: Column[] = [
  { title: 'time', width: 4, align: 'right' },
  { title: 'phase', width: 7, align: 'left' },
  { title: 'ok/s', width: 4, align: 'right' },
];

/** A screen that keeps what is written to it. */
function screen(isTTY: boolean, rows = 24) {
  const written: string[] = [];
  return { isTTY, rows, written, write: (text: string) => written.push(text) > 0 };
}

const ESC = '\u001b';
const PARTS = new RegExp(`${ESC}\\[\\??\\d*[A-Za-z]|\\r|\\n|[^${ESC}\\r\\n]+`, 'g');
const MODES = new RegExp(`${ESC}\\[\\?\\d+[hl]`, 'g');

/** What a terminal shows after all that was written: as far as LiveTable uses it, cursor up, clear to the end of the line and of the screen. */
function shown(written: readonly string[]): string[] {
  const lines = [''];
  let at = 0;
  for (const [part] of written.join('').matchAll(PARTS)) {
    if (part.startsWith(ESC) && part.endsWith('A')) at -= Number(part.slice(2, -1));
    else if (part === '\n') at += 1;
    else if (part === `${ESC}[J`) lines.length = at;
    else if (!part.startsWith(ESC) && part !== '\r') lines[at] = part;
    if (at < 0) throw new RangeError('the cursor has left the screen at the top');
    while (lines.length <= at) lines.push('');
  }
  return lines;
}

describe('LiveTable', () => {
  it('prints each row once where there is no terminal', () => {
    const pipe = screen(false);
    const table = new LiveTable(columns, pipe);
    table.begin();
    table.running(['1 s', 'healthy', '1']);
    table.row(['1 s', 'healthy', '42']);
    table.row(['2 s', 'slow', '7']);
    table.leave();
    expect(pipe.written.join('')).toBe('time phase   ok/s\n──── ─────── ────\n 1 s healthy   42\n 2 s slow       7\n');
  });

  it('redraws the running second in place on a terminal, and leaves the terminal as it was', () => {
    const terminal = screen(true);
    const table = new LiveTable(columns, terminal);
    table.begin();
    for (const count of ['1', '2', '3']) table.running(['1 s', 'healthy', count]);
    expect(shown(terminal.written)).toEqual(['time phase   ok/s', '──── ─────── ────', ' 1 s healthy    3', '']);
    table.row(['1 s', 'healthy', '4']);
    table.running(['2 s', 'slow', '1']);
    table.leave();
    // The second that was cut short is no row.
    expect(shown(terminal.written)).toEqual(['time phase   ok/s', '──── ─────── ────', ' 1 s healthy    4', '']);
    expect(terminal.written.join('').match(MODES)).toEqual(['[?25l', '[?7l', '[?7h', '[?25h'].map((mode) => ESC + mode));
  });

  it('keeps the last rows of a table that is higher than the terminal', () => {
    const terminal = screen(true, 6);
    const table = new LiveTable(columns, terminal);
    table.begin();
    for (let second = 1; second <= 9; second++) table.row([`${second} s`, 'well', '5']);
    expect(shown(terminal.written).slice(2, -1)).toEqual([' 7 s well       5', ' 8 s well       5', ' 9 s well       5']);
  });
});

describe('bar', () => {
  it('shows shares, and everything that is there at all', () => {
    const of = (succeeded: number, expired: number, refused: number, unexpected: number) =>
      stripVTControlCharacters(bar({ succeeded, expired, refused, unexpected }, 10));
    expect(of(0, 0, 0, 0)).toBe('');
    expect(of(5, 3, 2, 0)).toBe('█████▒▒▒░░');
    expect(of(999, 1, 0, 1)).toBe('████████▒!');
    expect(of(1, 99, 0, 0)).toMatch(/^█▒+$/);
  });
});
