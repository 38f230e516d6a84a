import { DatabaseSettings, readSettings, StoringServiceSettings } from '@backhaul/telemetry';
import { IsString, Matches } from 'class-validator';

export class Config extends StoringServiceSettings {
  PORT: number = 8082;
  MANAGEMENT_PORT: number = 9082;
  /** Base64 of the 32 bytes that seal PSA credentials; or `KEY_ENCRYPTION_KEY_FILE`. */
  @Matches(/^[A-Za-z0-9+/]{43}=$/) KEY_ENCRYPTION_KEY: string;
  /** Private addresses that PSA calls may reach: CIDRs or `host:port`, comma separated. */
  @IsString() EGRESS_ALLOW: string = '';
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
