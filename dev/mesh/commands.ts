import { EXPLAIN_USAGE, explainCommand } from './explain/command.ts';
import { LINT_USAGE, lintCommand } from './lint/command.ts';
import { INTERVAL, STATUS_OPTIONS, STATUS_USAGE, statusCommand } from './status/command.ts';

/** A command for people. */
export interface Tool {
  readonly name: string;
  readonly usage: string;
  /** Whether the arguments can be meant. */
  accepts(args: readonly string[]): boolean;
  /** @returns the exit code */
  run(args: readonly string[]): number | Promise<number>;
}

const words = (args: readonly string[]): number => args.filter((arg) => !arg.startsWith('--')).length;

/** The commands beside `render`. */
export const TOOLS: readonly Tool[] = [
  { name: 'lint', usage: LINT_USAGE, accepts: (args) => onlyKnows(args, '--strict', '--json'), run: lintCommand },
  { name: 'explain', usage: EXPLAIN_USAGE, accepts: (args) => words(args) === 2 && onlyKnows(args, '--json'), run: explainCommand },
  {
    name: 'status',
    usage: STATUS_USAGE,
    accepts: (args) => args.every((arg) => STATUS_OPTIONS.includes(arg) || INTERVAL.test(arg)),
    run: statusCommand,
  },
];

function onlyKnows(args: readonly string[], ...options: readonly string[]): boolean {
  return args.every((arg) => !arg.startsWith('--') || options.includes(arg));
}

/** Runs a command; what a person can put right is told in a sentence. @returns the exit code */
export async function runTool(tool: Tool, args: readonly string[]): Promise<number> {
  try {
    return await tool.run(args);
  } catch (error) {
    const missing = missingFile(error);
    if (missing === undefined && !(error instanceof RangeError)) throw error;
    process.stderr.write(`${missing === undefined ? String(error).replace(/^\w+: /, '') : `there is no file or folder ${missing}`}\n`);
    return 1;
  }
}

/** The path that an error says is not there. */
function missingFile(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error ? String(error.path) : undefined;
}
