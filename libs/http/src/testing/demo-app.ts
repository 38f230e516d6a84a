import { Body, Controller, Get, Module, Param, Post, Query, type Type } from '@nestjs/common';
import { Type as TypeOf } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { pino } from 'pino';
import {
  AnyQuery, Caller, createHttpApp, type HttpApp, type HttpAppOptions, NumberParam, pageOf, PageQuery, type Principal,
  Public, Roles, ROLES, UuidParam,
} from '../index.js'; // prettier-ignore

export const KEY = 'a-service-token-key-for-tests';

class SeveritiesIn {
  @IsBoolean() ok: boolean;
  @IsBoolean() error: boolean;
}

class ConditionIn {
  @IsIn(['equals', 'like']) operator: string;
  @IsString() @MaxLength(20) term: string;
}

export class RuleIn {
  @IsUUID() id: string;
  @IsString() @MaxLength(40) name: string;
  @ValidateNested() @TypeOf(() => SeveritiesIn) severities: SeveritiesIn;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @TypeOf(() => ConditionIn) all?: ConditionIn[];
  @IsOptional() @IsInt() @Min(1) weight?: number;
}

class ListQuery extends PageQuery {
  @IsOptional() @IsString() state?: string;
  @IsOptional() @IsInt() accountNo?: number;
}

/** What a route of the demo throws; tests set it. */
export const failing: { with: unknown } = { with: null };

@Roles(...ROLES)
@Controller('api/v1')
class DemoController {
  @Post('rules')
  create(@Body() body: RuleIn): object {
    return { name: body.name, keys: Object.keys(body) };
  }

  @Get('rules')
  list(@Query() query: ListQuery): object {
    return pageOf([{ ...query }], null, query.total ? 20_000 : undefined);
  }

  @Get('rules/:id')
  read(@UuidParam('id') id: string): object {
    return { id };
  }

  @Get('customers/:custId')
  customer(@NumberParam('custId') custId: number): object {
    return { custId };
  }

  @Get('me')
  me(@Caller() caller: Principal): Principal {
    return caller;
  }

  @Roles('partner-senior-manager')
  @Get('secrets')
  secrets(): object {
    return {};
  }

  @Public()
  @Get('fail')
  fail(): object {
    throw failing.with;
  }

  @Public()
  @AnyQuery()
  @Post('raw/:key')
  raw(@Body() body: Buffer, @Param('key') key: string): object {
    return { bytes: body.length, key };
  }
}

@Module({ controllers: [DemoController] })
class DemoModule {}

/** A listening app of this lib, with lines of its log; ports are the system's choice. */
export async function startDemo(
  options: Partial<HttpAppOptions> = {},
  root: Type = DemoModule,
): Promise<HttpApp & { url: string; lines: string[] }> {
  const lines: string[] = [];
  const demo = await createHttpApp(root, {
    name: 'demo',
    host: '127.0.0.1',
    port: 0,
    managementPort: 0,
    serviceTokenKey: KEY,
    logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    rawBody: (url) => url.startsWith('/api/v1/raw/'),
    ...options,
  });
  await demo.fastify.listen({ host: '127.0.0.1', port: 0 });
  const address = demo.fastify.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { ...demo, lines, url: `http://127.0.0.1:${address.port}` };
}
