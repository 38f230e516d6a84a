import { basicCredentials, decideSlowly, Problem, Public } from '@backhaul/http';
import { Body, Controller, Header, Headers, Post, UseGuards } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import type { Credentials } from '../people/check-credentials.handler.js';
import { AccessTokenRepository } from './access-token.repository.js';
import { CheckProgramHandler } from './check-program.handler.js';
import { IssueTokenIn, TokenOut } from './tokens.types.js';

/** A short-lived token for a program that has the username and password of a Partner API account (A2). */
@ApiTags('tokens')
@Public()
@UseGuards(FromGateway)
@Controller('api/v1/tokens')
export class TokensController {
  constructor(
    private readonly programs: CheckProgramHandler,
    private readonly tokens: AccessTokenRepository,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiBody({ type: IssueTokenIn, required: false })
  @ApiCreatedResponse({ type: TokenOut })
  async issue(
    @Body() body: object,
    @Headers('authorization') authorization: string | undefined,
    @FromClient() { ip }: Client,
  ): Promise<TokenOut> {
    const { personId } = await this.programs.personOf(credentialsIn(body, authorization), ip);
    const { token, expiresAt } = await this.tokens.issue(personId);
    return { token, expiresAt: expiresAt.toISOString() };
  }
}

/** With Basic there may be no body at all. */
function credentialsIn(body: unknown, authorization: string | undefined): Credentials {
  const decided = decideSlowly(IssueTokenIn, body ?? {});
  if ('errors' in decided) throw Problem.badRequest(decided.errors);
  const { username, password } = decided.value;
  if (username && password) return { username, password };
  const basic = basicCredentials(authorization);
  if (basic) return basic;
  throw Problem.unauthorized('Send a username and a password.', 'Basic realm="backhaul", charset="UTF-8"');
}
