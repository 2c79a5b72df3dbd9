// Events that could not be processed: `npm run dlq -- list|replay [--topic TOPIC]`.
import { controlClient, NotRunning } from '../control.ts';
import { deadLetters } from '../dead-letters.ts';
import { text, topologyFromEnvironment } from '../topology.ts';

async function brokers(): Promise<string> {
  const topology = topologyFromEnvironment();
  await controlClient(topology.state.socket).status();
  return text(topology.kafka);
}

/** What a person reads about an error. */
function explain(error: unknown): unknown {
  if (error instanceof NotRunning || error instanceof TypeError) return error.message;
  if (error instanceof Error && error.name.startsWith('KafkaJS'))
    return `Kafka cannot be reached (${error.message}): \`npm run status\` shows whether it is running.`;
  return error;
}

try {
  process.exit(await deadLetters(process.argv.slice(2), brokers));
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
