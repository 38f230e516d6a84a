import { NeedsStepUp, Problem, UuidParam } from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller, Delete, Get, HttpCode, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ForEverybody } from '../rights.js';
import { SessionRepository } from './session.repository.js';
import { sessionOut, SessionsOut } from './sessions.types.js';

/** Where a person is logged in, to end what should not be. */
@ApiTags('session')
@ForEverybody()
@UseGuards(FromGateway)
@Controller('api/v1/sessions')
export class SessionsController {
  constructor(
    private readonly authenticate: AuthenticateHandler,
    private readonly sessions: SessionRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Get()
  @ApiOkResponse({ type: SessionsOut })
  async list(@FromClient() client: Client): Promise<SessionsOut> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    const all = await this.sessions.ofPerson(person.personId);
    return { items: all.map((each) => sessionOut(each, session.sessionId)), nextCursor: null };
  }

  /** Wants a fresh proof: who holds a stolen session must not end those of its owner. */
  @Delete(':id')
  @NeedsStepUp()
  @HttpCode(204)
  @ApiNoContentResponse()
  async end(@UuidParam('id') id: string, @FromClient() client: Client): Promise<void> {
    const { person } = await this.authenticate.live(client.sessionHash);
    const hasEnded = await this.unitOfWork.run((tx) => this.sessions.end(tx, person.personId, id));
    if (!hasEnded) throw Problem.notFound();
  }
}
