import {
  DatabaseAndKafkaSettings,
  DatabaseSettings,
  readSettings,
  StoringServiceSettings,
} from '@backhaul/telemetry';
import { IsInt, IsISO8601, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const HTTP_URL = /^(https?:\/\/[^/\s]+\/?)?$/;
const KEYS = /^([A-Za-z0-9+/]{43}=(,\s*|$))*$/;

export class Config extends StoringServiceSettings {
  PORT: number = 8082;
  MANAGEMENT_PORT: number = 9082;
  /** Base64 of the 32 bytes that wrap the keys that seal PSA credentials; or `KEY_ENCRYPTION_KEY_FILE`. */
  @Matches(KEY) KEY_ENCRYPTION_KEY: string;
  /** Keys of before, which open and wrap nothing: comma separated; or `KEY_ENCRYPTION_KEYS_OLD_FILE`. */
  @Matches(KEYS) KEY_ENCRYPTION_KEYS_OLD: string = '';
  /** Private addresses that PSA calls may reach: CIDRs or `host:port`, comma separated. */
  @IsString() EGRESS_ALLOW: string = '';
  /** Where people reach the portal: passkeys belong to its name. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) PUBLIC_URL: string = 'http://127.0.0.1:8080';
  /** Where ticketing for ConnectWise answers, which asks the PSA before settings and maps are saved; empty: nobody is asked. */
  @Matches(HTTP_URL) TICKETING_CONNECTWISE_URL: string = 'http://127.0.0.1:8084';
  /** Where ticketing for Autotask answers, for the same. */
  @Matches(HTTP_URL) TICKETING_AUTOTASK_URL: string = 'http://127.0.0.1:8085';
  /** Days for which it is kept who tried to log in, from where, and what came of it. */
  @IsInt() @Min(1) @Max(3650) LOGIN_RECORD_DAYS: number = 180;
  /** Minutes between two anchors of audit logs outside of the database. */
  @IsInt() @Min(1) @Max(1440) AUDIT_ANCHOR_MINUTES: number = 60;
  /** When the SOAP interface of ConnectWise ends: the form urges to change before, and says that it ended after (B11). */
  @IsISO8601({ strict: true }) SOAP_ENDS_AT: string = '2020-01-01T00:00:00Z';
}

/** What programs need that seal or rotate. */
export class KeySettings extends DatabaseSettings {
  @Matches(KEY) KEY_ENCRYPTION_KEY: string;
  @Matches(KEYS) KEY_ENCRYPTION_KEYS_OLD: string = '';
}

/** What programs need that look at Kafka as well. */
export class AuditSettings extends KeySettings {
  @Matches(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/) KAFKA_BROKERS: string;
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
}

/** @throws Error that names every wrong setting, and no value */
export const readAuditConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<AuditSettings> =>
  readSettings(AuditSettings, env);
/** @throws Error that names every wrong setting, and no value */
export const readRestoreConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseAndKafkaSettings> =>
  readSettings(DatabaseAndKafkaSettings, env);
/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
/** @throws Error that names every wrong setting, and no value */
export const readDatabaseConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<DatabaseSettings> =>
  readSettings(DatabaseSettings, env);
/** @throws Error that names every wrong setting, and no value */
export const readKeyConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<KeySettings> =>
  readSettings(KeySettings, env);
