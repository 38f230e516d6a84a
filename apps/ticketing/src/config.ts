import { DatabaseSettings, readSettings, StoringServiceSettings } from '@backhaul/telemetry';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

export class Config extends StoringServiceSettings {
  PORT: number = 8084;
  MANAGEMENT_PORT: number = 9084;
  /** Base64 of the 32 bytes that wrap the keys that seal PSA credentials; or `KEY_ENCRYPTION_KEY_FILE`. */
  @Matches(/^[A-Za-z0-9+/]{43}=$/) KEY_ENCRYPTION_KEY: string;
  /** Keys of before, which open what accounts has not yet wrapped anew: comma separated; or `KEY_ENCRYPTION_KEYS_OLD_FILE`. */
  @Matches(/^([A-Za-z0-9+/]{43}=(,\s*|$))*$/) KEY_ENCRYPTION_KEYS_OLD: string = '';
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
  /** `on` after a restore of the database: no ticket is made and no note written that the PSA has already; a call more for each. */
  @IsIn(['on', 'off']) SEARCH_BEFORE_CREATE: 'on' | 'off' = 'off';
  /** Days within which a problem that returns, or a ticket that a person closed, is opened again instead of a new one. */
  @IsInt() @Min(0) @Max(365) REOPEN_WINDOW_DAYS: number = 7;
  /** Milliseconds between rounds of the reconciler. */
  @IsInt() @Min(1000) @Max(86_400_000) RECONCILE_EVERY_MS: number = 900_000;
  /** Milliseconds after which the companies of a customer map are looked for in the PSA again. */
  @IsInt() @Min(1000) @Max(2_592_000_000) CHECK_MAP_EVERY_MS: number = 86_400_000;
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
