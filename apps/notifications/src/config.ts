import { DatabaseSettings, readSettings, StoringServiceSettings } from '@backhaul/telemetry';

export class Config extends StoringServiceSettings {
  PORT: number = 8083;
  MANAGEMENT_PORT: number = 9083;
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
