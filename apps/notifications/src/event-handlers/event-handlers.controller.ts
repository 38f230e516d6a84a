import { type HandlerId, isUuid, type Secret } from '@backhaul/domain';
import {
  Caller, decodeCursor, encodeCursor, etagOf, idempotently, pageOf, type Principal, Problem, Roles,
} from '@backhaul/http'; // prettier-ignore
import { IdempotencyTable, UnitOfWork } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common'; // prettier-ignore
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ServiceKey } from '../service-key.js';
import { ChangeEventHandlersHandler } from './change-event-handlers.handler.js';
import type { EventHandler } from './event-handler.js';
import { EventHandlerRepository } from './event-handler.repository.js';
import { EventHandlerOut, EventHandlersOut, handlerOut } from './event-handlers.out.js';
import {
  EventHandlerIn,
  EventHandlersQuery,
  handlerSecretOf,
  handlerSettingsOf,
} from './event-handlers.types.js';
import { HandlerRunRepository } from './handler-run.repository.js';
import { cursorAfter, runAfter, runOut, RunsOut, RunsQuery } from './runs.types.js';

const Writers = () => Roles('partner-senior-manager', 'partner-senior-it-manager');
const PATH = 'api/v1/event-handlers';

/** Automated Event Handlers: what an event or a web request sets going, on what condition. */
@ApiTags('event handlers')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller(PATH)
export class EventHandlersController {
  constructor(
    private readonly handlers: EventHandlerRepository,
    private readonly changeHandlers: ChangeEventHandlersHandler,
    private readonly runs: HandlerRunRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly idempotency: IdempotencyTable,
    private readonly serviceKey: ServiceKey,
  ) {}

  @Get()
  @ApiOkResponse({ type: EventHandlersOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, sort, total }: EventHandlersQuery,
  ): Promise<EventHandlersOut> {
    const after = cursor === undefined ? null : afterOf(cursor);
    // One more than asked for tells whether there is another page.
    const page = { limit: limit + 1, after, newestFirst: sort === '-createdAt' };
    const found = await this.handlers.page(caller, page);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.handlers.count(caller) : undefined;
    return pageOf(items.map((handler) => handlerOut(handler)), last ? encodeCursor([last.id]) : null, count); // prettier-ignore
  }

  @Get(':id')
  @ApiOkResponse({ type: EventHandlerOut })
  async read(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventHandlerOut> {
    return shown(await this.changeHandlers.find(caller, id), reply);
  }

  /** What it did, newest first, for 30 days. */
  @Get(':id/runs')
  @ApiOkResponse({ type: RunsOut })
  async listRuns(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query() { limit, cursor }: RunsQuery,
  ): Promise<RunsOut> {
    const after = cursor === undefined ? null : runAfter(cursor);
    const { id: handlerId } = await this.changeHandlers.find(caller, id);
    const page = { handlerId, limit: limit + 1, after };
    const found = await this.runs.page(this.unitOfWork, caller.partnerId, page);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items: items.map(runOut), nextCursor: last ? cursorAfter(last) : null };
  }

  @Post()
  @Writers()
  @ApiCreatedResponse({ type: EventHandlerOut })
  async create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: EventHandlerIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventHandlerOut> {
    const { partnerId, subject } = caller;
    const route = `POST /${PATH} by ${subject}`;
    // It may hold the secret of webhooks.
    const request = { partnerId, route, header, body, sealedWith: this.serviceKey.text };
    const answer = await idempotently(this.idempotency, request, async () => {
      const { handler, secret } = await this.changeHandlers.create(caller, handlerSettingsOf(body), handlerSecretOf(body)); // prettier-ignore
      const headers = { etag: etagOf(handler.version), location: `/${PATH}/${handler.id}` };
      return { status: 201, body: handlerOut(handler, secret), headers };
    });
    reply.headers(answer.headers);
    return answer.body as EventHandlerOut;
  }

  @Put(':id')
  @Writers()
  @ApiOkResponse({ type: EventHandlerOut })
  async replace(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: EventHandlerIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventHandlerOut> {
    const [settings, given] = [handlerSettingsOf(body), handlerSecretOf(body)];
    const { handler, secret } = await this.changeHandlers.replace(caller, id, ifMatch, settings, given);
    return shown(handler, reply, secret);
  }

  /** A new secret; the one of before signs beside it for a day, so that receivers can change over. */
  @Post(':id/rotate-secret')
  @Writers()
  @HttpCode(200)
  @ApiOkResponse({ type: EventHandlerOut })
  async rotateSecret(@Caller() caller: Principal, @Param('id') id: string): Promise<EventHandlerOut> {
    const { handler, secret } = await this.changeHandlers.rotateSecret(caller, id);
    return handlerOut(handler, secret);
  }

  @Delete(':id')
  @Writers()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeHandlers.remove(caller, id, ifMatch);
  }
}

function shown(
  handler: EventHandler,
  reply: FastifyReply,
  secret: Secret<string> | null = null,
): EventHandlerOut {
  reply.header('etag', etagOf(handler.version));
  return handlerOut(handler, secret);
}

/** @throws Problem 400 */
function afterOf(cursor: string): HandlerId {
  const [after] = decodeCursor(cursor);
  if (!isUuid(after))
    throw Problem.badRequest([{ pointer: '/cursor', detail: 'No such page.', rule: 'cursor' }]);
  return after as HandlerId;
}
