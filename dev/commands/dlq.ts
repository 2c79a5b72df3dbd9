// Events that could not be processed: `npm run dlq -- list|replay [--topic TOPIC]`.
import { setTimeout } from 'node:timers/promises';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { text, topologyFromEnvironment } from '../laptop/topology.ts';
import { deadLetters } from './dead-letters.ts';

/** So long, in milliseconds, a broker is waited for that was killed or started a moment ago. */
const COMING_MS = 20_000;

async function brokers(): Promise<string> {
  const topology = topologyFromEnvironment();
  const control = controlClient(topology.state.socket);
  const isComing = async () => {
    const { state } = (await control.status()).processes.find(({ name }) => name === 'kafka') ?? {};
    return state === 'starting' || state === 'backing off';
  };
  for (const limit = Date.now() + COMING_MS; Date.now() < limit && (await isComing()); ) await setTimeout(200);
  return text(topology.kafka);
}

/** Kafka error types of a broker that has just started. */
const STARTING = [
  ...['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE'],
  ...['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS'],
];

function isStarting(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return (type !== undefined && STARTING.includes(type)) || (cause instanceof Error && isStarting(cause));
}

/** Runs the command, and repeats it while the broker starts. A replay can be repeated: handlers are idempotent. */
async function patiently(args: readonly string[]): Promise<number> {
  for (const limit = Date.now() + COMING_MS; ; await setTimeout(500)) {
    try {
      return await deadLetters(args, brokers);
    } catch (error) {
      if (!isStarting(error) || Date.now() > limit) throw error;
    }
  }
}

/** What a person reads about an error. */
function explain(error: unknown): unknown {
  if (error instanceof NotRunning || error instanceof TypeError) return error.message;
  if (error instanceof Error && error.name.startsWith('KafkaJS'))
    return `Kafka cannot be reached (${error.message}): \`npm run status\` shows whether it is running.`;
  return error;
}

try {
  process.exit(await patiently(process.argv.slice(2)));
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
