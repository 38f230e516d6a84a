import { ListenSettings, readSettings } from '@backhaul/telemetry';
import { IsOptional, IsString } from 'class-validator';

export class Config extends ListenSettings {
  PORT: number = 8090;
  MANAGEMENT_PORT: number = 9090;
  /** File that keeps tickets and API users over a restart; without it they live in memory. */
  @IsOptional() @IsString() DATA_FILE?: string;
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
