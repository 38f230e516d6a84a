import { Public } from '@backhaul/http';
import { Body, Controller, Header, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody } from '../rights.js';
import { setSessionCookie } from '../sessions/session-cookie.js';
import { WhoOut, whoOut } from '../sessions/sessions.types.js';
import { LogInByPasskeyHandler } from './log-in-by-passkey.handler.js';
import { PasskeyOptionsIn, PasskeyOptionsOut, PasskeyProofIn } from './passkeys.types.js';

/** Logging in by passkey. */
@ApiTags('session')
@ForEverybody()
@Public()
@UseGuards(FromGateway)
@Controller('api/v1/session/passkey')
export class PasskeySessionController {
  constructor(private readonly logIn: LogInByPasskeyHandler) {}

  /** The same for everybody: it says nothing of who has passkeys. To be answered once, within five minutes. */
  @Post('options')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: PasskeyOptionsOut })
  async options(@Body() body: PasskeyOptionsIn, @FromClient() client: Client): Promise<PasskeyOptionsOut> {
    return { publicKey: await this.logIn.options(body, client) };
  }

  @Post()
  @Header('cache-control', 'no-store')
  @ApiCreatedResponse({ type: WhoOut })
  async begin(
    @Body() body: PasskeyProofIn,
    @FromClient() client: Client,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WhoOut> {
    const { person, secret, owed } = await this.logIn.handle(body, client);
    setSessionCookie(reply, secret);
    return whoOut(person, owed);
  }
}
