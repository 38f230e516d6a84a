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

const HTTP_URL = /^https?:\/\/[^/\s]+\/?$/;

export class Config {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of the portal and the API; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) PORT: number = 8080;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) MANAGEMENT_PORT: number = 9080;
  /** Kafka brokers as `host:port`, comma separated. */
  @Matches(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/) KAFKA_BROKERS: string;
  /** Stands before every topic and group, so that several systems may share a cluster. */
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
  /** Signs the principal that services check; or `SERVICE_TOKEN_KEY_FILE`. */
  @IsString() @MinLength(32) SERVICE_TOKEN_KEY: string;
  /** Where the accounts service answers. */
  @Matches(HTTP_URL) ACCOUNTS_URL: string = 'http://127.0.0.1:8082';
  /** Where the ingestion service answers. */
  @Matches(HTTP_URL) INGESTION_URL: string = 'http://127.0.0.1:8081';
  /** Where the notifications service answers. */
  @Matches(HTTP_URL) NOTIFICATIONS_URL: string = 'http://127.0.0.1:8083';
  /** Where the ticketing service for ConnectWise answers. */
  @Matches(HTTP_URL) TICKETING_CONNECTWISE_URL: string = 'http://127.0.0.1:8084';
  /** Where the ticketing service for Autotask answers. */
  @Matches(HTTP_URL) TICKETING_AUTOTASK_URL: string = 'http://127.0.0.1:8085';
  /** Requests a second that one API key may make for long. */
  @IsInt() @Min(1) @Max(100_000) RATE_LIMIT_PER_SECOND: number = 50;
  /** Requests that one API key may make at once. */
  @IsInt() @Min(1) @Max(1_000_000) RATE_LIMIT_BURST: number = 200;
  /** Milliseconds until a service must have begun its answer. */
  @IsInt() @Min(100) @Max(300_000) UPSTREAM_TIMEOUT_MS: number = 30_000;
  /** Milliseconds between the end of readiness and the closing of the port; 5000 behind a balancer. */
  @IsInt() @Min(0) @Max(30_000) PRE_DRAIN_MS: number = 0;
  /** Least severe line that is logged. */
  @IsIn(['trace', 'debug', 'info', 'warn', 'error']) LOG_LEVEL: string = 'info';
  /** Where traces go; none without it. */
  @IsOptional() @IsString() OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

const NAMES = [
  'HOST', 'PORT', 'MANAGEMENT_PORT', 'KAFKA_BROKERS', 'KAFKA_TOPIC_PREFIX', 'SERVICE_TOKEN_KEY', 'ACCOUNTS_URL',
  'INGESTION_URL', 'NOTIFICATIONS_URL', 'TICKETING_CONNECTWISE_URL', 'TICKETING_AUTOTASK_URL', 'RATE_LIMIT_PER_SECOND',
  'RATE_LIMIT_BURST', 'UPSTREAM_TIMEOUT_MS', 'PRE_DRAIN_MS', 'LOG_LEVEL', 'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const; // prettier-ignore

/** @throws Error that names every wrong setting, and no value */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const defaults = new Config() as unknown as Record<string, unknown>;
  const given: Record<string, string | number> = {};
  for (const name of NAMES) {
    const file = env[`${name}_FILE`];
    const value = file ? readFileSync(file, 'utf8').trim() : env[name];
    if (value) given[name] = typeof defaults[name] === 'number' ? Number(value) : value;
  }
  const config = plainToInstance(Config, given, { exposeDefaultValues: true });
  const wrong = validateSync(config).flatMap(({ constraints }) => Object.values(constraints ?? {}));
  if (wrong.length > 0) throw new Error(`Settings are wrong: ${wrong.join('; ')}`);
  return Object.freeze(config);
}
