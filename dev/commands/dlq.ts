// Events that could not be processed: `npm run dlq -- list|replay [--topic TOPIC]`.
import { parseArgs } from 'node:util';
import { type DeadLetter, listDeadLetters, replayDeadLetters } from '#kit/dead-letter-queue.ts';
import { createLogger } from '#kit/log.ts';
import { kafkaSettings, readSettings } from '#kit/settings.ts';
import { dim } from '../bootstrap/lines.mjs';
import { controlClient, NotRunning } from '../control.ts';
import { table } from '../table.ts';
import { text, topologyFromEnvironment } from '../topology.ts';

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

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { topic: { type: 'string' } } });
  const action = positionals[0] ?? 'list';
  if (action !== 'list' && action !== 'replay') {
    console.error(usage);
    return 2;
  }
  const topology = topologyFromEnvironment();
  await controlClient(topology.state.socket).status();
  const settings = readSettings(kafkaSettings, { ...process.env, KAFKA_BROKERS: text(topology.kafka) });
  const log = createLogger('dlq', 'error');
  const letters = await (action === 'list' ? listDeadLetters : replayDeadLetters)(settings, log, { topic: values.topic });
  if (letters.length === 0) console.log('No event is waiting: every one was processed.');
  else show(letters);
  if (letters.length > 0)
    console.log(dim(action === 'list' ? '\n`npm run dlq -- replay` sends them to their topics again.' : `\n${letters.length} sent again.`));
  return 0;
}

/** What a person reads about an error. */
function explain(error: unknown): unknown {
  if (error instanceof NotRunning || error instanceof TypeError) return error.message;
  if (error instanceof Error && error.name.startsWith('KafkaJS'))
    return `Kafka cannot be reached (${error.message}): \`npm run status\` shows whether it is running.`;
  return error;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
