import { readSettings, ServiceSettings } from '@backhaul/telemetry';
import { IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';

const HTTP_URL = /^https?:\/\/[^/\s]+\/?$/;

export class Config extends ServiceSettings {
  PORT: number = 8080;
  MANAGEMENT_PORT: number = 9080;
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
  /** Where the billing-sync service for ConnectWise answers. */
  @Matches(HTTP_URL) BILLING_SYNC_CONNECTWISE_URL: string = 'http://127.0.0.1:8086';
  /** Where the billing-sync service for Autotask answers. */
  @Matches(HTTP_URL) BILLING_SYNC_AUTOTASK_URL: string = 'http://127.0.0.1:8087';
  /** Requests a second that one key or person may make for long. */
  @IsInt() @Min(1) @Max(100_000) RATE_LIMIT_PER_SECOND: number = 50;
  /** Requests that one key or person may make at once. */
  @IsInt() @Min(1) @Max(1_000_000) RATE_LIMIT_BURST: number = 200;
  /** Requests a second that all of one partner may make for long. */
  @IsInt() @Min(1) @Max(1_000_000) RATE_LIMIT_PARTNER_PER_SECOND: number = 500;
  /** Requests that all of one partner may make at once. */
  @IsInt() @Min(1) @Max(10_000_000) RATE_LIMIT_PARTNER_BURST: number = 2000;
  /** Wrong credentials a second that one network may show for long; then what accounts would have to look up waits. */
  @IsInt() @Min(1) @Max(100_000) REFUSALS_PER_SECOND: number = 2;
  /** Wrong credentials that one network may show at once. */
  @IsInt() @Min(1) @Max(1_000_000) REFUSALS_BURST: number = 100;
  /** Networks of the proxies in front, as CIDRs, comma separated; only these are believed about X-Forwarded-For. */
  @IsString() TRUSTED_PROXIES: string = '';
  /** Streams of one person or program at once. */
  @IsInt() @Min(1) @Max(1000) STREAMS_PER_PERSON: number = 6;
  /** Streams of all at once. */
  @IsInt() @Min(1) @Max(100_000) STREAMS: number = 500;
  /** `off`: nothing is sent away for load. */
  @IsIn(['on', 'off']) LOAD_SHEDDING: 'on' | 'off' = 'on';
  /** Milliseconds until a service must have begun its answer. */
  @IsInt() @Min(100) @Max(300_000) UPSTREAM_TIMEOUT_MS: number = 30_000;
  /** Milliseconds between the end of readiness and the closing of the port; 5000 behind a balancer. */
  @IsInt() @Min(0) @Max(30_000) PRE_DRAIN_MS: number = 0;
}

/** @throws Error that names every wrong setting, and no value */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Readonly<Config> =>
  readSettings(Config, env);
