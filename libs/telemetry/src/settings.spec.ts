import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { IsInt, IsOptional, IsString, Max, MinLength } from 'class-validator';
import { StoringServiceSettings } from './common-settings.js';
import { readSettings } from './settings.js';

class BaseSettings {
  @IsString() NAME: string = 'none';
  @IsString() @MinLength(8) SECRET: string;
}
class Settings extends BaseSettings {
  @IsInt() @Max(100) COUNT: number = 7;
  @IsOptional() @IsInt() LIMIT?: number;
  internal = 'not a setting';
}
class Service extends StoringServiceSettings {
  PORT: number = 1;
  MANAGEMENT_PORT: number = 2;
}

const dir = mkdtempSync(join(tmpdir(), 'backhaul-settings-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('readSettings', () => {
  const enough = { SECRET: 'long enough' };

  it('takes names and number types from the class and its parents, and nothing else', () => {
    const settings = readSettings(Settings, { ...enough, COUNT: '9', LIMIT: '0', internal: 'x', OTHER: 'y' });
    expect({ ...settings }).toEqual({
      NAME: 'none',
      SECRET: 'long enough',
      COUNT: 9,
      LIMIT: 0,
      internal: 'not a setting',
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('counts an empty value as none, and reads <NAME>_FILE before <NAME>', () => {
    const file = join(dir, 'secret');
    writeFileSync(file, 'from the file\n');
    expect(readSettings(Settings, { ...enough, COUNT: '', SECRET_FILE: file })).toMatchObject({
      COUNT: 7,
      SECRET: 'from the file',
    });
  });

  it.each([
    [{ SECRET: 'Zq9' }, 'SECRET'],
    [{ ...enough, COUNT: 'Zq9' }, 'COUNT'],
    [{ ...enough, COUNT: '101' }, 'COUNT'],
    [{ ...enough, LIMIT: '1.5' }, 'LIMIT'],
    [{ SECRET_FILE: '/nowhere/Zq9' }, 'SECRET_FILE'],
  ])('%j is refused by name, without the value', (env, name) => {
    const read = () => readSettings(Settings, env);
    expect(read).toThrow(name);
    expect(read).not.toThrow('Zq9');
  });

  it('names all that is wrong at once', () => {
    expect(() => readSettings(Settings, { COUNT: 'x' })).toThrow(/SECRET[^]*COUNT|COUNT[^]*SECRET/);
  });

  it('knows what every storing service needs', () => {
    const env = { DATABASE_URL: 'postgres://a', KAFKA_BROKERS: 'a:1,b:2', SERVICE_TOKEN_KEY: 'k'.repeat(32) };
    expect(readSettings(Service, { ...env, PORT: '80' })).toMatchObject({
      PORT: 80,
      MANAGEMENT_PORT: 2,
      DATABASE_POOL_SIZE: 10,
      HOST: '127.0.0.1',
    });
    expect(() => readSettings(Service, { ...env, PORT: '65536' })).toThrow('PORT');
    expect(() => readSettings(Service, { ...env, KAFKA_BROKERS: 'a' })).toThrow('KAFKA_BROKERS');
  });
});
