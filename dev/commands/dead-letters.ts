import { parseArgs } from 'node:util';
import { type DeadLetter, listDeadLetters, replayDeadLetters } from '#kit/events/dead-letter-queue.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { kafkaSettings, readSettings } from '#kit/runtime/settings.ts';
import { dim } from '../bootstrap/lines.mjs';
import { table } from '../terminal/table.ts';

const usage = 'usage: npm run dlq -- list|replay [--topic TOPIC]';

function show(letters: readonly DeadLetter[]): void {
  const header = ['time', 'topic', 'event', 'id', 'group', 'reason'];
  const rows = letters.map(({ time, origin, type, id, group, reason }) => [
    time.slice(0, 19),
    origin,
    type ?? '?',
    id ?? '?',
    group,
    reason,
  ]);
  console.log(table(header, rows));
}

/**
 * Lists the events that could not be processed, or sends them again, and prints which.
 *
 * @param args `list` or `replay`, and `--topic TOPIC`
 * @param brokers asked once the arguments are understood: where Kafka is, as in KAFKA_BROKERS
 * @returns the exit code
 * @throws TypeError naming an argument that it does not know
 */
export async function deadLetters(args: readonly string[], brokers: () => Promise<string>): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { topic: { type: 'string' } } });
  const action = positionals[0] ?? 'list';
  if (action !== 'list' && action !== 'replay') {
    console.error(usage);
    return 2;
  }
  const settings = readSettings(kafkaSettings, { ...process.env, KAFKA_BROKERS: await brokers() });
  const log = createLogger('dlq', 'error');
  const letters = await (action === 'list' ? listDeadLetters : replayDeadLetters)(settings, log, { topic: values.topic });
  if (letters.length === 0) console.log('No event is waiting: every one was processed.');
  else show(letters);
  if (letters.length > 0)
    console.log(dim(action === 'list' ? '\n`npm run dlq -- replay` sends them to their topics again.' : `\n${letters.length} sent again.`));
  return 0;
}
