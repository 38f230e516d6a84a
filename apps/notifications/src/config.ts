import { DatabaseSettings, readSettings, StoringServiceSettings } from '@backhaul/telemetry';
import { IsEmail, IsInt, IsOptional, IsUrl, Matches, Max, Min } from 'class-validator';

export class Config extends StoringServiceSettings {
  PORT: number = 8083;
  MANAGEMENT_PORT: number = 9083;
  /** Takes our mail: `smtp://user:password@host:587` or `smtps://...`; or `SMTP_URL_FILE`. Without it mails wait. */
  @IsOptional() @Matches(/^smtps?:\/\/\S+$/) SMTP_URL?: string;
  /** The address from which mails come; its display name is the brand's. */
  @IsEmail({ require_tld: false }) MAIL_FROM: string = 'backhaul@localhost';
  /** Seconds that the SMTP server may take for one mail. */
  @IsInt() @Min(2) @Max(600) SMTP_TIMEOUT_S: number = 60;
  /** Where people reach the portal: links in mails lead there. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) PUBLIC_URL: string = 'http://127.0.0.1:8080';
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
