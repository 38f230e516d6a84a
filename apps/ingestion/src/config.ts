import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
  validateSync,
} from 'class-validator';

/** What a migration needs. */
export class DatabaseConfig {
  /** PostgreSQL, such as `postgres://user:password@host:5432/backhaul_ingestion`; or `DATABASE_URL_FILE`. */
  @Matches(/^postgres(ql)?:\/\//) DATABASE_URL: string;
  /** Least severe line that is logged. */
  @IsIn(['debug', 'info', 'warn', 'error']) LOG_LEVEL: string = 'info';
}

export class Config extends DatabaseConfig {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of the agents and of the API; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) PORT: number = 8081;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) MANAGEMENT_PORT: number = 9081;
  /** Kafka brokers as `host:port`, comma separated. */
  @Matches(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/) KAFKA_BROKERS: string;
  /** Stands before every topic and group, so that several systems may share a cluster. */
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
  /** Checks the principal that the gateway signs; or `SERVICE_TOKEN_KEY_FILE`. */
  @IsString() @MinLength(32) SERVICE_TOKEN_KEY: string;
  /** Where agents reach this service; stands in snippets. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) INGEST_PUBLIC_URL: string =
    'http://127.0.0.1:8081';
  /** Connections to PostgreSQL at most, beside the two that only write events. */
  @IsInt() @Min(2) @Max(100) DATABASE_POOL_SIZE: number = 8;
  /** Reports that may wait to be written; more are sent away with 503. */
  @IsInt() @Min(100) @Max(1_000_000) INGEST_QUEUE_LIMIT: number = 10_000;
  /** Reports a second that one key may send on the long run; bursts of four times that are taken. */
  @IsInt() @Min(1) @Max(1_000_000) RATE_LIMIT_PER_KEY: number = 500;
  /** Days after which the bytes of a report are dropped; the event stays. */
  @IsInt() @Min(1) @Max(3650) RAW_RETENTION_DAYS: number = 30;
  /** Where traces go; none without it. */
  @IsOptional() @IsString() OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

const NAMES = [
  'DATABASE_URL', 'LOG_LEVEL', 'HOST', 'PORT', 'MANAGEMENT_PORT', 'KAFKA_BROKERS', 'KAFKA_TOPIC_PREFIX',
  'SERVICE_TOKEN_KEY', 'INGEST_PUBLIC_URL', 'DATABASE_POOL_SIZE', 'INGEST_QUEUE_LIMIT', 'RATE_LIMIT_PER_KEY',
  'RAW_RETENTION_DAYS', 'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const; // prettier-ignore
const NUMBERS: ReadonlySet<string> = new Set([
  'PORT', 'MANAGEMENT_PORT', 'DATABASE_POOL_SIZE', 'INGEST_QUEUE_LIMIT', 'RATE_LIMIT_PER_KEY', 'RAW_RETENTION_DAYS',
]); // prettier-ignore

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
