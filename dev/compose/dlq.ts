// Dead-lettered events: `docker compose run --rm dlq list|replay [--topic TOPIC]`.
import { deadLetters } from '../commands/dead-letters.ts';
import { serviceSettings } from './layout.ts';

process.exit(await deadLetters(process.argv.slice(2), async () => serviceSettings.KAFKA_BROKERS));
