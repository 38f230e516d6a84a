import { NeedsStepUp, NotWhileImpersonating, UuidParam } from '@backhaul/http';
import { Body, Controller, Delete, Get, Header, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody } from '../rights.js';
import { setSessionCookie } from '../sessions/session-cookie.js';
import { ChangePasskeysHandler } from './change-passkeys.handler.js';
import { AddPasskeyIn, passkeyOut, PasskeyOptionsOut, PasskeyOut, PasskeysOut } from './passkeys.types.js';

/** The passkeys of the person who is logged in. */
@ApiTags('me')
@ForEverybody()
@NotWhileImpersonating()
@UseGuards(FromGateway)
@Controller('api/v1/me/passkeys')
export class PasskeysController {
  constructor(private readonly changePasskeys: ChangePasskeysHandler) {}

  @Get()
  @ApiOkResponse({ type: PasskeysOut })
  async list(@FromClient() client: Client): Promise<PasskeysOut> {
    return { items: (await this.changePasskeys.list(client)).map(passkeyOut), nextCursor: null };
  }

  /** What a browser needs to make one; to be answered within five minutes. */
  @Post('options')
  @NeedsStepUp()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: PasskeyOptionsOut })
  async options(@FromClient() client: Client): Promise<PasskeyOptionsOut> {
    return { publicKey: await this.changePasskeys.options(client) };
  }

  /** Ends the other sessions; this one goes on under a new secret, unless it was shown a factor before. */
  @Post()
  @NeedsStepUp()
  @ApiCreatedResponse({ type: PasskeyOut })
  async add(
    @FromClient() client: Client,
    @Body() body: AddPasskeyIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PasskeyOut> {
    const { passkey, secret } = await this.changePasskeys.add(client, body);
    if (secret !== null) setSessionCookie(reply, secret);
    return passkeyOut(passkey);
  }

  /** Ends the other sessions. */
  @Delete(':id')
  @NeedsStepUp()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@FromClient() client: Client, @UuidParam('id') id: string): Promise<void> {
    await this.changePasskeys.remove(client, id);
  }
}
