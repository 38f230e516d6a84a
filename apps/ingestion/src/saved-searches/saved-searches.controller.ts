import { isUuid } from '@backhaul/domain';
import {
  Caller, decodeCursor, encodeCursor, idempotently, pageOf, type Principal, Problem, READERS, Roles, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ChangeSavedSearchesHandler, searchEtag } from './change-saved-searches.handler.js';
import type { SavedSearch } from './saved-search.js';
import { SavedSearchRepository } from './saved-search.repository.js';
import {
  SavedSearchesOut, SavedSearchesQuery, SavedSearchIn, SavedSearchOut, savedSearchOut, settingsOf,
} from './saved-searches.types.js'; // prettier-ignore

const Writers = () => Roles('partner-senior-manager', 'partner-senior-it-manager');
const PATH = 'api/v1/saved-searches';

/** Searches that are kept, each with an id for addresses and scripts. */
@ApiTags('saved searches')
@Roles(...READERS)
@Controller(PATH)
export class SavedSearchesController {
  constructor(
    private readonly searches: SavedSearchRepository,
    private readonly changeSearches: ChangeSavedSearchesHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Get()
  @ApiOkResponse({ type: SavedSearchesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total, kind, sort }: SavedSearchesQuery,
  ): Promise<SavedSearchesOut> {
    const after = cursor === undefined ? null : afterOf(cursor);
    // One more than asked for tells whether there is another page.
    const wanted = { kind, limit: limit + 1, after, newestFirst: sort === '-createdAt' };
    const found = await this.searches.page(caller, wanted);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.searches.count(caller, kind) : undefined;
    return pageOf(items.map(savedSearchOut), last ? encodeCursor([last.id]) : null, count);
  }

  @Post()
  @Writers()
  @ApiCreatedResponse({ type: SavedSearchOut })
  async create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: SavedSearchIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SavedSearchOut> {
    const { partnerId, subject } = caller;
    const request = { partnerId, route: `POST /${PATH} by ${subject}`, header, body };
    const answer = await idempotently(this.idempotency, request, async () => {
      const createdBy = caller.actor?.subject ?? subject;
      const search = await this.changeSearches.create(caller, createdBy, settingsOf(body));
      const headers = { etag: searchEtag(search), location: `/${PATH}/${search.id}` };
      return { status: 201, body: savedSearchOut(search), headers };
    });
    reply.headers(answer.headers);
    return answer.body as SavedSearchOut;
  }

  @Get(':id')
  @ApiOkResponse({ type: SavedSearchOut })
  async read(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SavedSearchOut> {
    return shown(await this.changeSearches.find(caller, id), reply);
  }

  @Put(':id')
  @Writers()
  @ApiOkResponse({ type: SavedSearchOut })
  async replace(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: SavedSearchIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SavedSearchOut> {
    return shown(await this.changeSearches.replace(caller, id, ifMatch, settingsOf(body)), reply);
  }

  @Delete(':id')
  @Writers()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeSearches.remove(caller, id, ifMatch);
  }
}

function shown(search: SavedSearch, reply: FastifyReply): SavedSearchOut {
  reply.header('etag', searchEtag(search));
  return savedSearchOut(search);
}

/** @throws Problem 400 */
function afterOf(cursor: string): string {
  const [after] = decodeCursor(cursor);
  if (isUuid(after)) return after;
  throw Problem.badRequest([{ pointer: '/cursor', detail: 'No such page.', rule: 'cursor' }]);
}
