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

/** What migrations and the operator's commands need. */
export class DatabaseConfig {
  /** PostgreSQL, such as `postgres://user:password@host:5432/backhaul_accounts`; or `DATABASE_URL_FILE`. */
  @Matches(/^postgres(ql)?:\/\//) DATABASE_URL: string;
  /** Least severe line that is logged. */
  @IsIn(['debug', 'info', 'warn', 'error']) LOG_LEVEL: string = 'info';
}

export class Config extends DatabaseConfig {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of the API; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) PORT: number = 8082;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) MANAGEMENT_PORT: number = 9082;
  /** Kafka brokers as `host:port`, comma separated. */
  @Matches(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/) KAFKA_BROKERS: string;
  /** Stands before every topic, so that several systems may share a cluster. */
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
  /** Checks the principal that the gateway signs; or `SERVICE_TOKEN_KEY_FILE`. */
  @IsString() @MinLength(32) SERVICE_TOKEN_KEY: string;
  /** Base64 of the 32 bytes that seal PSA credentials; or `KEY_ENCRYPTION_KEY_FILE`. */
  @Matches(/^[A-Za-z0-9+/]{43}=$/) KEY_ENCRYPTION_KEY: string;
  /** Private addresses that PSA calls may reach: CIDRs or `host:port`, comma separated. */
  @IsString() EGRESS_ALLOW: string = '';
  /** Connections to PostgreSQL at most. */
  @IsInt() @Min(2) @Max(100) DATABASE_POOL_SIZE: number = 10;
  /** Where traces go; none without it. */
  @IsOptional() @IsString() OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

const NAMES = [
  'DATABASE_URL', 'LOG_LEVEL', 'HOST', 'PORT', 'MANAGEMENT_PORT', 'KAFKA_BROKERS', 'KAFKA_TOPIC_PREFIX',
  'SERVICE_TOKEN_KEY', 'KEY_ENCRYPTION_KEY', 'EGRESS_ALLOW', 'DATABASE_POOL_SIZE', 'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const; // prettier-ignore
const NUMBERS: ReadonlySet<string> = new Set(['PORT', 'MANAGEMENT_PORT', 'DATABASE_POOL_SIZE']);

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
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> => read(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseConfig> =>
  read(DatabaseConfig, env);
