import { NeedsStepUp, NotWhileImpersonating } from '@backhaul/http';
import { Body, Controller, Delete, Get, Header, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody } from '../rights.js';
import { setSessionCookie } from '../sessions/session-cookie.js';
import { ChangeFactorsHandler } from './change-factors.handler.js';
import { ConfirmIn, EnrolmentOut, MfaOut, RecoveryCodesOut } from './mfa.types.js';

/** The second factor of the person who is logged in. */
@ApiTags('me')
@ForEverybody()
@NotWhileImpersonating()
@UseGuards(FromGateway)
@Controller('api/v1/me/mfa')
export class MfaController {
  constructor(private readonly changeFactors: ChangeFactorsHandler) {}

  @Get()
  @ApiOkResponse({ type: MfaOut })
  read(@FromClient() client: Client): Promise<MfaOut> {
    return this.changeFactors.read(client);
  }

  /** A secret for the authenticator; it counts once it is confirmed. */
  @Post()
  @NeedsStepUp()
  @Header('cache-control', 'no-store')
  @ApiCreatedResponse({ type: EnrolmentOut })
  enrol(@FromClient() client: Client): Promise<EnrolmentOut> {
    return this.changeFactors.enrol(client);
  }

  /** Ends the other sessions; this one goes on under a new secret, unless it was shown a factor before. */
  @Post('confirm')
  @NeedsStepUp()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: RecoveryCodesOut })
  async confirm(
    @FromClient() client: Client,
    @Body() { code }: ConfirmIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecoveryCodesOut> {
    const { recoveryCodes, secret } = await this.changeFactors.confirm(client, code);
    if (secret !== null) setSessionCookie(reply, secret);
    return { recoveryCodes };
  }

  @Delete()
  @NeedsStepUp()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@FromClient() client: Client): Promise<void> {
    await this.changeFactors.remove(client);
  }
}
