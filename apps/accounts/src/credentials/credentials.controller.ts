import {
  Caller,
  etagOf,
  NeedsStepUp,
  NotWhileImpersonating,
  NumberParam,
  type Principal,
} from '@backhaul/http';
import { Body, Controller, Header, Headers, HttpCode, Post, Put, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { shown } from '../answers.js';
import { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody, MayManage } from '../rights.js';
import { PasswordOut, RoleGivenOut, roleGivenOut, SetPasswordIn, SetRoleIn } from './credentials.types.js';
import { SetPasswordHandler } from './set-password.handler.js';
import { SetRoleHandler } from './set-role.handler.js';

/** What an account logs in with, and what it may do then. */
@ApiTags('accounts')
@NeedsStepUp()
@NotWhileImpersonating()
@UseGuards(FromGateway)
@Controller('api/v1/accounts/:no')
export class CredentialsController {
  constructor(
    private readonly setPassword: SetPasswordHandler,
    private readonly setRole: SetRoleHandler,
    private readonly authenticate: AuthenticateHandler,
  ) {}

  /** Ends the sessions and tokens of the account, but for the session that asks. */
  @Post('password')
  @ForEverybody()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: PasswordOut })
  async password(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Body() body: SetPasswordIn,
    @FromClient() { sessionHash }: Client,
  ): Promise<PasswordOut> {
    const isOwn = caller.accountNo !== null && caller.accountNo === no;
    const kept = isOwn && sessionHash ? (await this.authenticate.live(sessionHash)).session.sessionId : null;
    return { password: await this.setPassword.handle(caller, no, body, kept) };
  }

  /** The role of an API account comes with a proposal: no option of its notifications is switched off silently. */
  @Put('role')
  @MayManage()
  @ApiOkResponse({ type: RoleGivenOut })
  async role(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { role }: SetRoleIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleGivenOut> {
    const account = await this.setRole.handle(caller, no, ifMatch, role);
    return shown(reply, etagOf(account.version), roleGivenOut(account));
  }
}
