// What a newcomer sees while things are fetched: one line for each step, with its time.
const terminal = process.stdout.isTTY === true;

/** Colours a text on a terminal, and nowhere else. @param {number} code @param {string} text */
function colour(code, text) {
  return terminal && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** @param {string} text */
export const green = (text) => colour(32, text);
/** @param {string} text */
export const red = (text) => colour(31, text);
/** @param {string} text */
export const dim = (text) => colour(2, text);

/** @type {Set<string>} */
const underWay = new Set();

/** Rewrites the line at the bottom that names what is under way; on a terminal only. */
function showUnderWay() {
  if (!terminal) return;
  process.stdout.write('\r\u001b[K');
  if (underWay.size > 0) process.stdout.write(dim(`  … ${[...underWay].join(', ')}`));
}

/**
 * A duration as people read it: `12 ms` or `3.4 s`.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * One finished step: a mark, what, a detail and the time it took.
 * @param {string} mark
 * @param {string} what
 * @param {string} detail
 * @param {number} [milliseconds]
 */
export function line(mark, what, detail, milliseconds) {
  const time = milliseconds === undefined ? '' : duration(milliseconds).padStart(8);
  return `  ${mark} ${what.padEnd(22)} ${detail.padEnd(44)} ${dim(time)}`.trimEnd();
}

/**
 * Runs one step and prints its line when it is done.
 * @template T
 * @param {string} what
 * @param {string} detail
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, detail, work) {
  const start = performance.now();
  underWay.add(what);
  showUnderWay();
  try {
    const result = await work();
    underWay.delete(what);
    showUnderWay();
    console.log(line(green('✓'), what, detail, performance.now() - start));
    return result;
  } catch (error) {
    underWay.delete(what);
    showUnderWay();
    console.log(line(red('✗'), what, detail, performance.now() - start));
    throw error;
  } finally {
    showUnderWay();
  }
}
