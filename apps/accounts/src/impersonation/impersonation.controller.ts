import { assertSteppedUp, Caller, type Principal, Problem } from '@backhaul/http';
import { Body, Controller, Delete, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { IsInt, IsString, Length, Matches, Max, Min } from 'class-validator';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody } from '../rights.js';
import { alreadyImpersonating, ImpersonateHandler } from './impersonate.handler.js';
import { isImpersonator } from './may-impersonate.js';

export class ImpersonateIn {
  @IsInt() @Min(1) @Max(2_000_000_000) accountNo: number;
  /** Such as a ticket number; it stands in the audit trail. */
  @IsString() @Length(1, 500) @Matches(/\S/) reason: string;
}

export class ImpersonationOut {
  accountNo: number;
  username: string;
  /** ISO 8601 UTC: when it ends by itself. */
  until: string;
}

@ApiTags('impersonation')
@UseGuards(FromGateway)
@Controller('api/v1/impersonation')
export class ImpersonationController {
  constructor(private readonly impersonate: ImpersonateHandler) {}

  /** For all roles: while impersonating one has the other's role, and is to be told so by 409. */
  @Post()
  @ForEverybody()
  @ApiCreatedResponse({ type: ImpersonationOut })
  async start(
    @Caller() caller: Principal,
    @FromClient() client: Client,
    @Body() body: ImpersonateIn,
  ): Promise<ImpersonationOut> {
    if (caller.actor) throw alreadyImpersonating();
    if (caller.accountNo === null || !isImpersonator(caller.role))
      throw Problem.forbidden('Your role may not impersonate anybody.');
    assertSteppedUp(caller);
    const { person, until } = await this.impersonate.start(caller, client, body);
    return { accountNo: body.accountNo, username: person.username, until: until.toISOString() };
  }

  @Delete()
  @ForEverybody()
  @HttpCode(204)
  @ApiNoContentResponse()
  async stop(@FromClient() client: Client): Promise<void> {
    await this.impersonate.stop(client);
  }
}
