import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig, readDatabaseConfig } from './config.js';

const dir = mkdtempSync(join(tmpdir(), 'backhaul-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

const enough = {
  DATABASE_URL: 'postgres://u:p@localhost/db',
  KAFKA_BROKERS: 'a:9092,b:9092',
  SERVICE_TOKEN_KEY: 'k'.repeat(32),
};

describe('readConfig', () => {
  it('fills in what is not said, reads numbers, and is frozen', () => {
    const config = readConfig({ ...enough, PORT: '0', KAFKA_TOPIC_PREFIX: '' });
    expect(config).toMatchObject({
      ...enough,
      PORT: 0,
      MANAGEMENT_PORT: 9083,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      KAFKA_TOPIC_PREFIX: '',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes a secret from the file that <NAME>_FILE names', () => {
    const file = join(dir, 'key');
    writeFileSync(file, `${'s'.repeat(40)}\n`);
    const { SERVICE_TOKEN_KEY, ...rest } = enough;
    expect(readConfig({ ...rest, SERVICE_TOKEN_KEY_FILE: file }).SERVICE_TOKEN_KEY).toBe('s'.repeat(40));
    expect(SERVICE_TOKEN_KEY).toHaveLength(32);
  });

  it.each([
    ['DATABASE_URL', 'mysql://secret@x'],
    ['KAFKA_BROKERS', 'no port'],
    ['SERVICE_TOKEN_KEY', 'secret'],
    ['PORT', 'eighty'],
    ['LOG_LEVEL', 'loud'],
  ])('names a wrong %s, and does not repeat it', (name, value) => {
    const read = () => readConfig({ ...enough, [name]: value });
    expect(read).toThrow(name);
    expect(read).not.toThrow(value);
  });

  it('wants only the database for a migration', () => {
    expect(readDatabaseConfig({ DATABASE_URL: enough.DATABASE_URL }).DATABASE_URL).toBe(enough.DATABASE_URL);
    expect(() => readDatabaseConfig({})).toThrow('DATABASE_URL');
  });
});
