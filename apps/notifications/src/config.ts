import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  MinLength,
  validateSync,
} from 'class-validator';

/** What a migration needs. */
export class DatabaseConfig {
  /** PostgreSQL, such as `postgres://user:password@host:5432/backhaul_notifications`; or `DATABASE_URL_FILE`. */
  @Matches(/^postgres(ql)?:\/\//) DATABASE_URL: string;
  /** Least severe line that is logged. */
  @IsIn(['debug', 'info', 'warn', 'error']) LOG_LEVEL: string = 'info';
}

export class Config extends DatabaseConfig {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of the API; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) PORT: number = 8083;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) MANAGEMENT_PORT: number = 9083;
  /** Kafka brokers as `host:port`, comma separated. */
  @Matches(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/) KAFKA_BROKERS: string;
  /** Stands before every topic and group, so that several systems may share a cluster. */
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
  /** Checks the principal that the gateway signs; or `SERVICE_TOKEN_KEY_FILE`. */
  @IsString() @MinLength(32) SERVICE_TOKEN_KEY: string;
  /** Connections to PostgreSQL at most. */
  @IsInt() @Min(2) @Max(100) DATABASE_POOL_SIZE: number = 10;
  /** Where traces go; none without it. */
  @IsOptional() @IsString() OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

const NAMES = [
  'DATABASE_URL', 'LOG_LEVEL', 'HOST', 'PORT', 'MANAGEMENT_PORT', 'KAFKA_BROKERS', 'KAFKA_TOPIC_PREFIX',
  'SERVICE_TOKEN_KEY', 'DATABASE_POOL_SIZE', 'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const; // prettier-ignore
const NUMBERS: ReadonlySet<string> = new Set(['PORT', 'MANAGEMENT_PORT', 'DATABASE_POOL_SIZE']);

/** A setting, or the content of the file that `<NAME>_FILE` names. */
function valueOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  const value = file ? readFileSync(file, 'utf8').trim() : env[name];
  return value === '' ? undefined : value;
}

function read<T extends object>(type: new () => T, env: NodeJS.ProcessEnv): Readonly<T> {
  const given: Record<string, string | number> = {};
  for (const name of NAMES) {
    const value = valueOf(env, name);
    if (value !== undefined) given[name] = NUMBERS.has(name) ? Number(value) : value;
  }
  const config = plainToInstance(type, given, { exposeDefaultValues: true });
  const wrong = validateSync(config).flatMap(({ constraints }) => Object.values(constraints ?? {}));
  if (wrong.length > 0) throw new Error(`Settings are wrong: ${wrong.join('; ')}`);
  return Object.freeze(config);
}

/** @throws Error that names every wrong setting, and no value */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  return read(Config, env);
}

/** @throws Error that names every wrong setting, and no value */
export function readDatabaseConfig(env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseConfig> {
  return read(DatabaseConfig, env);
}
