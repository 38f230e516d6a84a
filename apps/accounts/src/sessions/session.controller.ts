import { Public } from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Header, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { factorOwed } from '../people/factor-owed.js';
import { ForEverybody } from '../rights.js';
import { LogInHandler } from './log-in.handler.js';
import { clearSessionCookie, setSessionCookie } from './session-cookie.js';
import { SessionRepository } from './session.repository.js';
import { LogInIn, StepUpIn, WhoOut, whoOut } from './sessions.types.js';
import { StepUpHandler } from './step-up.handler.js';

/** The session of the person who asks. Its secret is a cookie that no script can read. */
@ApiTags('session')
@ForEverybody()
@UseGuards(FromGateway)
@Controller('api/v1/session')
export class SessionController {
  constructor(
    private readonly logIn: LogInHandler,
    private readonly stepUp: StepUpHandler,
    private readonly authenticate: AuthenticateHandler,
    private readonly sessions: SessionRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** 401 with type `second-factor-required` asks for the code, too. */
  @Post()
  @Public()
  @Header('cache-control', 'no-store')
  @ApiCreatedResponse({ type: WhoOut })
  async begin(
    @Body() body: LogInIn,
    @FromClient() client: Client,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WhoOut> {
    const { person, secret, owed } = await this.logIn.handle(body, client);
    setSessionCookie(reply, secret);
    return whoOut(person, owed);
  }

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: WhoOut })
  async read(@FromClient() client: Client): Promise<WhoOut> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    return whoOut(person, factorOwed(person, session));
  }

  @Delete()
  @HttpCode(204)
  @ApiNoContentResponse()
  async end(@FromClient() client: Client, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    await this.unitOfWork.run((tx) => this.sessions.end(tx, person.personId, session.sessionId));
    clearSessionCookie(reply);
  }

  /** For what needs a proof of the last 10 minutes. 403 with type `step-up-failed` when it is not right. */
  @Post('step-up')
  @HttpCode(204)
  @ApiNoContentResponse()
  async proveAgain(
    @Body() body: StepUpIn,
    @FromClient() client: Client,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    setSessionCookie(reply, await this.stepUp.handle(body, client));
  }
}
