import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min, validateSync } from 'class-validator';

export class Config {
  /** Address to listen on. */
  @IsString() HOST: string = '127.0.0.1';
  /** Port of both PSAs, the operator's API and the page; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) PORT: number = 8090;
  /** Port of health and metrics; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65535) MANAGEMENT_PORT: number = 9090;
  /** File that keeps the tickets over a restart; without it they live in memory. */
  @IsOptional() @IsString() DATA_FILE?: string;
  /** Least severe line that is logged. */
  @IsIn(['debug', 'info', 'warn', 'error']) LOG_LEVEL: string = 'info';
}

/** @throws Error that lists every wrong setting by name. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const names = ['HOST', 'PORT', 'MANAGEMENT_PORT', 'DATA_FILE', 'LOG_LEVEL'];
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      if (value === undefined || value === '') return [];
      return [[name, name.endsWith('PORT') ? Number(value) : value]];
    }),
  );
  const config = plainToInstance(Config, given, { exposeDefaultValues: true });
  const errors = validateSync(config).flatMap((error) => Object.values(error.constraints ?? {}));
  if (errors.length > 0) throw new Error(`Settings are wrong: ${errors.join('; ')}`);
  return Object.freeze(config);
}
