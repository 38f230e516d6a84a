import { DatabaseSettings, readSettings, StoringServiceSettings } from '@backhaul/telemetry';
import { IsEmail, IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

export class Config extends StoringServiceSettings {
  PORT: number = 8083;
  MANAGEMENT_PORT: number = 9083;
  /** Where the ingestion service answers: a preview of a rule looks through its event log. */
  @Matches(/^https?:\/\/[^/\s]+\/?$/) INGESTION_URL: string = 'http://127.0.0.1:8081';
  /** CIDRs or `host:port`, comma separated, that webhooks may reach although private. */
  @IsString() EGRESS_ALLOW: string = '';
  /** Seconds that the receiver of a webhook may take for one call. */
  @IsInt() @Min(1) @Max(120) WEBHOOK_TIMEOUT_S: number = 20;
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
