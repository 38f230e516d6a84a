import {
  Caller,
  etagOf,
  NeedsStepUp,
  NotWhileImpersonating,
  NumberParam,
  type Principal,
} from '@backhaul/http';
import {
  Body,
  Controller,
  Delete,
  Header,
  Headers,
  HttpCode,
  Post,
  Put,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { shown } from '../answers.js';
import { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody, MayManage } from '../rights.js';
import { PasswordOut, RoleGivenOut, roleGivenOut, SetPasswordIn, SetRoleIn } from './credentials.types.js';
import { EndLoginsHandler } from './end-logins.handler.js';
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
    private readonly endLogins: EndLoginsHandler,
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
    @FromClient() client: Client,
  ): Promise<PasswordOut> {
    const kept = await this.ownSession(caller, no, client);
    return { password: await this.setPassword.handle(caller, no, body, kept) };
  }

  /** Wherever the account is logged in, and its tokens; but for the session that asks. */
  @Delete('sessions')
  @ForEverybody()
  @HttpCode(204)
  @ApiNoContentResponse()
  async sessions(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @FromClient() client: Client,
  ): Promise<void> {
    await this.endLogins.endSessions(caller, no, await this.ownSession(caller, no, client));
  }

  /** The authenticator, recovery codes and passkeys of somebody who lost them, after proof of who that is. */
  @Delete('mfa')
  @ForEverybody()
  @HttpCode(204)
  @ApiNoContentResponse()
  async factors(@Caller() caller: Principal, @NumberParam('no') no: number): Promise<void> {
    await this.endLogins.takeFactors(caller, no);
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

  private async ownSession(
    { accountNo }: Principal,
    no: number,
    { sessionHash }: Client,
  ): Promise<string | null> {
    const isOwn = accountNo !== null && accountNo === no;
    return isOwn && sessionHash ? (await this.authenticate.live(sessionHash)).session.sessionId : null;
  }
}
