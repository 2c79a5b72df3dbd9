import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands as known } from '../dev/bootstrap/commands.mjs';
import { root } from '../dev/paths.mjs';
import { run } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { buildGrpcurl, GRPCURL_BUILD_LIMIT_MS, grpcurl } from './support/grpcurl.ts';
import { control, edge } from './support/instance.ts';

/** The edge of `npm start`, as the README writes it. */
const README_EDGE = 'localhost:8088';

/**
 * Commands that cannot be run inside the tests, and why; that there is such a script, and a program behind it, is checked instead.
 * Everything else that the README shows is run.
 */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm start': 'the tested system is running already; the tests start it by the same code',
  'npm test': 'it is what is running',
  'npm run up': 'as npm start',
  'npm run down': 'it would end the tested system',
  'npm run demo -- circuit': 'test/demos.test.ts runs it',
};

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The lines of the fenced `sh` blocks, in their order. */
const blockCommands = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
  block.split('\n').filter((line) => line !== ''),
);

/** What is written as a command within the text: `npm …`. */
const inlineCommands = [...readme.replaceAll(/^```.*?^```/gms, '').matchAll(/`(npm [^`]+)`/g)].flatMap(([, command]) => command ?? []);

const allCommands = [...new Set([...blockCommands, ...inlineCommands])];

/** The words of a command line, as a shell with no variables and no escapes would read them. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

/** The name of the npm script that a command runs. */
function scriptOf(command: string): string {
  const [, first = '', second = ''] = words(command);
  return first === 'run' ? second : first;
}

/** Runs a command of the README on the tested instance. Throws, with what it wrote, if it does not succeed. */
async function perform(line: string): Promise<string> {
  const [program = '', ...args] = words(line.replaceAll(README_EDGE, edge.address));
  switch (program) {
    case 'curl': {
      // An error answer is a failure here, where the README wants it to be read.
      const { code, output } = await run('curl', ['--silent', '--show-error', '--fail-with-body', ...args]);
      expect(code, output).toBe(0);
      return output;
    }
    case 'grpcurl':
      return await grpcurl(args);
    case 'npm': {
      const { code, output } = await run('npm', args);
      expect(code, output).toBe(0);
      return output;
    }
    default:
      throw new Error(`no test knows how to run "${line}": teach this one`);
  }
}

/** Waits until what a command before has killed is back, as it is by the time a reader has typed the next one. */
async function settled(): Promise<void> {
  await eventually('nothing is on its way up', async () => {
    const { processes } = await control.status();
    expect(processes.filter(({ state }) => state !== 'ready' && state !== 'stopped')).toEqual([]);
  });
}

beforeAll(async () => {
  await buildGrpcurl();
}, GRPCURL_BUILD_LIMIT_MS);

describe('README', () => {
  it('shows commands', () => {
    expect(blockCommands.length).toBeGreaterThan(5);
  });

  describe('every command works as it stands', () => {
    it.each(allCommands.filter((command) => !(command in NOT_RUN)))('%s', async (command) => {
      await settled();
      const output = await perform(command);
      expect(output).not.toBe('');
    });
  });

  it.each(allCommands.filter((command) => command.startsWith('npm ')))('%s is a script of the project', (command) => {
    const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
    const name = scriptOf(command);
    expect(scripts[name]).toBe(`node dev/bootstrap.mjs ${name}`);
    expect(Object.keys(known)).toContain(name);
  });

  it('names no command as not run that it does not show', () => {
    expect(allCommands).toEqual(expect.arrayContaining(Object.keys(NOT_RUN)));
  });
});
