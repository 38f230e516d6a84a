import { DatabaseSettings, readSettings, StoringServiceSettings } from '@backhaul/telemetry';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

export class Config extends StoringServiceSettings {
  PORT: number = 8086;
  MANAGEMENT_PORT: number = 9086;
  /** Base64 of the 32 bytes that wrap the keys that seal PSA credentials; or `KEY_ENCRYPTION_KEY_FILE`. */
  @Matches(/^[A-Za-z0-9+/]{43}=$/) KEY_ENCRYPTION_KEY: string;
  /** Keys of before, which open what accounts has not yet wrapped anew: comma separated; or `KEY_ENCRYPTION_KEYS_OLD_FILE`. */
  @Matches(/^([A-Za-z0-9+/]{43}=(,\s*|$))*$/) KEY_ENCRYPTION_KEYS_OLD: string = '';
  /** Private addresses that PSA calls may reach: CIDRs or `host:port`, comma separated. */
  @IsString() EGRESS_ALLOW: string = '';
  /** Which business system this deployable serves. */
  @IsIn(['connectwise', 'autotask']) PSA: 'connectwise' | 'autotask';
  /** Customers whose figures are pushed at once, over all partners. */
  @IsInt() @Min(1) @Max(500) PUSH_SLOTS: number = 8;
  /** Milliseconds a worker may own a customer; longer than all calls of one push. */
  @IsInt() @Min(2000) @Max(600_000) PUSH_LEASE_MS: number = 150_000;
  /** Pushes per minute and connection at most: what tickets leave of the PSA's limit. */
  @IsInt() @Min(1) @Max(60_000) PUSH_MAX_PER_MINUTE: number = 60;
  /** Milliseconds one call may take; the PSA's own figure when absent. */
  @IsOptional() @IsInt() @Min(100) @Max(300_000) PSA_REQUEST_TIMEOUT_MS?: number;
  /** Milliseconds for which a PSA that failed is left alone; doubles up to ten minutes. */
  @IsInt() @Min(100) @Max(600_000) BREAKER_RESET_MS: number = 30_000;
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
