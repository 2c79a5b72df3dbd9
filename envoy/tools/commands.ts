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
