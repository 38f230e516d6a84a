import {
  DatabaseAndKafkaSettings,
  DatabaseSettings,
  readSettings,
  StoringServiceSettings,
} from '@backhaul/telemetry';
import { IsIn, IsInt, IsString, IsUrl, Max, Min } from 'class-validator';

export class Config extends StoringServiceSettings {
  PORT: number = 8081;
  MANAGEMENT_PORT: number = 9081;
  /** Where agents reach this service; stands in snippets. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) INGEST_PUBLIC_URL: string =
    'http://127.0.0.1:8081';
  /** Connections to PostgreSQL at most, beside six that only reports have on their way: two write them. */
  override DATABASE_POOL_SIZE: number = 8;
  /** Reports that may wait to be written; more are sent away with 503. */
  @IsInt() @Min(100) @Max(1_000_000) INGEST_QUEUE_LIMIT: number = 10_000;
  /** Reports a second that one key may send on the long run; bursts of four times that are taken. */
  @IsInt() @Min(1) @Max(1_000_000) RATE_LIMIT_PER_KEY: number = 500;
  /** Reports a second that all keys of one partner may send to this process on the long run; bursts of four times that are taken. */
  @IsInt() @Min(1) @Max(10_000_000) RATE_LIMIT_PER_PARTNER: number = 2000;
  /** Networks of the proxies in front, as CIDRs, comma separated; only these are believed about X-Forwarded-For. */
  @IsString() TRUSTED_PROXIES: string = '';
  /** `off`: nothing is sent away for load. */
  @IsIn(['on', 'off']) LOAD_SHEDDING: 'on' | 'off' = 'on';
  /** Megabytes that events may take while they wait for Kafka: above 20 % successes are sent away, above 60 % all but failures. */
  @IsInt() @Min(1) @Max(10_000_000) BACKLOG_BUDGET_MB: number = 20_480;
  /** `off`: this process neither looks for missed backups nor says that reports can come in. */
  @IsIn(['on', 'off']) SCHEDULES: 'on' | 'off' = 'on';
  /** Days after which the bytes of a report are dropped; the event stays. */
  @IsInt() @Min(1) @Max(3650) RAW_RETENTION_DAYS: number = 30;
  /** Days after which an event goes, with what came of it, unless its partner says otherwise. */
  @IsInt() @Min(35) @Max(3650) EVENT_RETENTION_DAYS: number = 400;
}

/** @throws Error that names every wrong setting, and no value */
export const readRecoveryConfig = (
  env: NodeJS.ProcessEnv = process.env,
): Readonly<DatabaseAndKafkaSettings> => readSettings(DatabaseAndKafkaSettings, env);
/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
