import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logLevel } from 'kafkajs';
import { Kafka } from '../../services/kit/events/kafkajs.ts';
import { run } from '../bootstrap/tools.mjs';
import type { ProcessSpec } from '../laptop/process-spec.ts';
import { type Address, text } from '../laptop/topology.ts';
import { engineFolders, java, kafkaArchive, root } from '../paths.mjs';

/** Small enough for a laptop; with the serial collector and the first compiler tier a broker stays near 200 MB. */
const jvm = [
  ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:MaxMetaspaceSize=96m'],
  ...['-XX:ReservedCodeCacheSize=48m', '-Xss512k', '-XX:-UsePerfData'],
  // Fewer TLB misses, so less CPU under load. The option exists on Linux only.
  ...(process.platform === 'linux' ? ['-XX:+UseTransparentHugePages'] : []),
  `-Dlog4j2.configurationFile=${join(root, 'dev', 'engines', 'kafka', 'log4j2.properties')}`,
];

/** Settings of one node that is broker and controller. */
export function serverProperties(broker: Address, controller: Address, data: string): string {
  return `${[
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${text(controller)}`,
    `listeners=PLAINTEXT://${text(broker)},CONTROLLER://${text(controller)}`,
    `advertised.listeners=PLAINTEXT://${text(broker)}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${data}`,
    'auto.create.topics.enable=false',
    'default.replication.factor=1',
    'min.insync.replicas=1',
    ...['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'].map((topic) => `${topic}.replication.factor=1`),
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.min.isr=1',
    ...['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'].map((topic) => `${topic}.num.partitions=4`),
    'log.cleaner.dedupe.buffer.size=4194304',
    'group.initial.rebalance.delay.ms=0',
    // With the defaults a broker that was killed waits 13 s for its own old session; with these, 3 s.
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=500',
  ].join('\n')}\n`;
}

/** Arguments of java for one of Kafka's programs. */
export function javaArguments(mainClass: string, args: readonly string[], options: readonly string[] = []): string[] {
  return [...jvm, ...options, '-cp', join(engineFolders.kafka, '*'), mainClass, ...args];
}

/** Writes the settings and, the first time, formats the data folder. @returns the settings file */
export async function prepareKafka(broker: Address, controller: Address, data: string): Promise<string> {
  mkdirSync(data, { recursive: true });
  const properties = join(data, 'server.properties');
  const logs = join(data, 'log');
  writeFileSync(properties, serverProperties(broker, controller, logs));
  if (!existsSync(join(logs, 'meta.properties'))) {
    // A cluster id is 16 bytes in base64url, and must not start with a dash.
    const cluster = `R${randomBytes(16).toString('base64url').slice(1)}`;
    const format = javaArguments('kafka.tools.StorageTool', ['format', '--ignore-formatted', '-t', cluster, '-c', properties]);
    await run('Formatting the data folder of Kafka', java, format);
  }
  return properties;
}

/** Whether the broker takes part in its cluster. */
async function isReady(broker: Address): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [text(broker)],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    requestTimeout: 1000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Kafka as a process: one KRaft node. @param data its folder */
export function kafka(broker: Address, controller: Address, data: string): ProcessSpec {
  const archive = existsSync(kafkaArchive) ? [`-XX:SharedArchiveFile=${kafkaArchive}`, '-Xshare:auto'] : [];
  return {
    name: 'kafka',
    title: 'Kafka',
    address: text(broker),
    command: java,
    args: javaArguments('kafka.Kafka', [join(data, 'server.properties')], archive),
    stopSignal: 'SIGTERM',
    stopSeconds: 10,
    readySeconds: 60,
    prepare: async () => {
      await prepareKafka(broker, controller, data);
    },
    ready: () => isReady(broker),
  };
}
