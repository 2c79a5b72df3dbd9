/** A table for a terminal: columns are aligned, those of numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0));
  const numeric = (column: number) => rows.length > 0 && rows.every((row) => /^[\d.,–-]*$/.test(row[column] ?? ''));
  const widths = header.map((_, column) => width(column));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (numeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [header, widths.map((each) => '─'.repeat(each)), ...rows].map(line).join('\n');
}
