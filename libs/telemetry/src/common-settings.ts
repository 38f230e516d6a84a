// First, or the classes below lose the types of their properties.
import 'reflect-metadata';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';

const POSTGRES = /^postgres(ql)?:\/\//;
const BROKERS = /^[^,\s]+:\d+(,[^,\s]+:\d+)*$/;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];

/** What migrations and operators' commands need. */
export class DatabaseSettings {
  /** PostgreSQL, such as `postgres://user:password@host:5432/backhaul_accounts`; or `DATABASE_URL_FILE`. */
  @Matches(POSTGRES) DATABASE_URL: string;
  /** The same database as who owns its tables, for migrations alone; `DATABASE_URL` without it. */
  @IsOptional() @Matches(POSTGRES) MIGRATION_DATABASE_URL?: string;
  /** Least severe line that is logged. */
  @IsIn(LEVELS) LOG_LEVEL: string = 'info';
}

/** What programs need that look at Kafka as well. */
export class DatabaseAndKafkaSettings extends DatabaseSettings {
  /** Kafka brokers as `host:port`, comma separated. */
  @Matches(BROKERS) KAFKA_BROKERS: string;
  /** Stands before every topic and group, so that several systems may share a cluster. */
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
}

/** The address of the database as who may migrate. */
export const ownerUrlOf = (settings: DatabaseSettings): string =>
  settings.MIGRATION_DATABASE_URL ?? settings.DATABASE_URL;

/** Of every process that listens. */
export abstract class ListenSettings {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of the API; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) abstract PORT: number;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) abstract MANAGEMENT_PORT: number;
  /** Least severe line that is logged. */
  @IsIn(LEVELS) LOG_LEVEL: string = 'info';
}

/** Of every service. */
export abstract class ServiceSettings extends ListenSettings {
  /** Kafka brokers as `host:port`, comma separated. */
  @Matches(BROKERS) KAFKA_BROKERS: string;
  /** Stands before every topic and group, so that several systems may share a cluster. */
  @IsString() KAFKA_TOPIC_PREFIX: string = '';
  /** Signs or checks the principal that the gateway sends along; or `SERVICE_TOKEN_KEY_FILE`. */
  @IsString() @MinLength(32) SERVICE_TOKEN_KEY: string;
  /** Where traces go; none without it. */
  @IsOptional() @IsString() OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}

/** Of every service with a database of its own. */
export abstract class StoringServiceSettings extends ServiceSettings {
  /** PostgreSQL, such as `postgres://user:password@host:5432/backhaul_accounts`; or `DATABASE_URL_FILE`. */
  @Matches(POSTGRES) DATABASE_URL: string;
  /** Connections to PostgreSQL at most. */
  @IsInt() @Min(2) @Max(100) DATABASE_POOL_SIZE: number = 10;
}
