import { describe, expect, it } from 'vitest';
import { databaseSettings, kafkaSettings, mongoSettings, readSettings, SettingsError, seconds, serverSettings } from './settings.ts';

describe('settings', () => {
  it('have their defaults where a variable is not set or empty', () => {
    expect(readSettings(serverSettings, { LOG_LEVEL: '' })).toEqual({
      LISTEN_ADDRESS: '0.0.0.0:50051',
      LOG_LEVEL: 'info',
      SHUTDOWN_GRACE_SECONDS: 10,
      FAULT_INJECTION: 'refused',
    });
  });

  it('are read as what they mean', () => {
    const env = { KAFKA_BROKERS: 'a:9092, b:9092', KAFKA_REPLICATION_FACTOR: '3', LEASE: '0.5' };
    expect(readSettings({ ...kafkaSettings, LEASE: seconds(30) }, env)).toEqual({
      KAFKA_BROKERS: ['a:9092', 'b:9092'],
      KAFKA_REPLICATION_FACTOR: 3,
      LEASE: 0.5,
    });
  });

  it('that are missing or wrong are each named in one sentence', () => {
    const env = { LISTEN_ADDRESS: 'nowhere', KAFKA_BROKERS: 'a', SHUTDOWN_GRACE_SECONDS: '-1' };
    const read = () => readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings }, env);
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(
      [
        'LISTEN_ADDRESS must be an address of the form host:port.',
        'SHUTDOWN_GRACE_SECONDS must be a number of seconds, 0 or more.',
        'DATABASE_URL must be a PostgreSQL URL such as postgres://role:password@host:5432/database, but it is not set.',
        'KAFKA_BROKERS must be a comma-separated list of brokers, each host:port.',
      ].join('\n'),
    );
  });

  it('allow faults if they are set to, and never in production', () => {
    expect(readSettings(serverSettings, { FAULT_INJECTION: 'allowed' })).toMatchObject({ FAULT_INJECTION: 'allowed' });
    const read = () => readSettings(serverSettings, { FAULT_INJECTION: 'allowed', NODE_ENV: 'production' });
    expect(read).toThrow(new SettingsError('FAULT_INJECTION must not be "allowed" where NODE_ENV is "production".'));
    expect(readSettings(serverSettings, { NODE_ENV: 'production' })).toMatchObject({ FAULT_INJECTION: 'refused' });
  });

  it('never show a value, which may be a secret', () => {
    expect(() => readSettings(databaseSettings, { DATABASE_URL: 'mysql://role:secret@host/db' })).toThrow(/^(?!.*secret)/s);
  });

  it('require the database in the URI of MongoDB', () => {
    expect(() => readSettings(mongoSettings, { MONGODB_URI: 'mongodb://host:27017' })).toThrow(/names the database/);
    expect(readSettings(mongoSettings, { MONGODB_URI: 'mongodb://host:27017/db?x=1' })).toEqual({
      MONGODB_URI: 'mongodb://host:27017/db?x=1',
    });
  });
});
