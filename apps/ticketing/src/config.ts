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
  /** PostgreSQL, such as `postgres://user:password@host:5432/backhaul_ticketing_connectwise`; or `DATABASE_URL_FILE`. */
  @Matches(/^postgres(ql)?:\/\//) DATABASE_URL: string;
  /** Least severe line that is logged. */
  @IsIn(['debug', 'info', 'warn', 'error']) LOG_LEVEL: string = 'info';
}

export class Config extends DatabaseConfig {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of the API; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) PORT: number = 8084;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) MANAGEMENT_PORT: number = 9084;
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
  /** Which business system this deployable serves. */
  @IsIn(['connectwise', 'autotask']) PSA: 'connectwise' | 'autotask';
  /** Calls to the PSA at once, over all partners. */
  @IsInt() @Min(1) @Max(500) DISPATCHER_SLOTS: number = 32;
  /** Milliseconds a worker may own a lane; longer than all calls of one command. */
  @IsInt() @Min(2000) @Max(600_000) LANE_LEASE_MS: number = 150_000;
  /** Milliseconds one call may take; the PSA's own figure when absent. */
  @IsOptional() @IsInt() @Min(100) @Max(300_000) PSA_REQUEST_TIMEOUT_MS?: number;
  /** Milliseconds a new ticket may stay invisible to a search; the PSA's own figure when absent. */
  @IsOptional() @IsInt() @Min(0) @Max(600_000) PSA_SEARCH_LAG_MS?: number;
  /** Commands per minute and connection at most; the PSA's own figure when absent. */
  @IsOptional() @IsInt() @Min(1) @Max(1_000_000) PSA_MAX_PER_MINUTE?: number;
  /** Calls at once per connection at most; the PSA's own figure when absent. */
  @IsOptional() @IsInt() @Min(1) @Max(200) PSA_MAX_IN_FLIGHT?: number;
  /** Failures within a minute before a breaker may open. */
  @IsInt() @Min(1) @Max(1000) BREAKER_VOLUME: number = 10;
  /** Milliseconds of its first opening; doubles up to ten minutes. */
  @IsInt() @Min(100) @Max(600_000) BREAKER_RESET_MS: number = 30_000;
  /** A problem that returns within this time opens its ticket again instead of a new one. */
  @IsInt() @Min(0) @Max(8760) REOPEN_WINDOW_HOURS: number = 24;
  /** Milliseconds between rounds of the reconciler. */
  @IsInt() @Min(1000) @Max(86_400_000) RECONCILE_EVERY_MS: number = 900_000;
  /** Connections to PostgreSQL at most. */
  @IsInt() @Min(2) @Max(100) DATABASE_POOL_SIZE: number = 10;
  /** Where traces go; none without it. */
  @IsOptional() @IsString() OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

const NAMES = [
  'DATABASE_URL', 'LOG_LEVEL', 'HOST', 'PORT', 'MANAGEMENT_PORT', 'KAFKA_BROKERS', 'KAFKA_TOPIC_PREFIX',
  'SERVICE_TOKEN_KEY', 'KEY_ENCRYPTION_KEY', 'EGRESS_ALLOW', 'DATABASE_POOL_SIZE', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'PSA', 'DISPATCHER_SLOTS', 'LANE_LEASE_MS',
  'PSA_REQUEST_TIMEOUT_MS', 'PSA_SEARCH_LAG_MS', 'PSA_MAX_PER_MINUTE', 'PSA_MAX_IN_FLIGHT', 'BREAKER_VOLUME', 'BREAKER_RESET_MS',
  'REOPEN_WINDOW_HOURS', 'RECONCILE_EVERY_MS',
] as const; // prettier-ignore
const NUMBERS: ReadonlySet<string> = new Set([
  'PORT', 'MANAGEMENT_PORT', 'DATABASE_POOL_SIZE', 'DISPATCHER_SLOTS', 'LANE_LEASE_MS', 'PSA_REQUEST_TIMEOUT_MS', 'PSA_SEARCH_LAG_MS',
  'PSA_MAX_PER_MINUTE', 'PSA_MAX_IN_FLIGHT', 'BREAKER_VOLUME', 'BREAKER_RESET_MS', 'REOPEN_WINDOW_HOURS', 'RECONCILE_EVERY_MS',
]); // prettier-ignore

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
