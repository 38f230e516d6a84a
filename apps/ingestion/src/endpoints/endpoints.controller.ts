import type { EndpointId } from '@backhaul/domain';
import {
  Caller, decodeCursor, encodeCursor, idempotently, type IdempotentRequest, NotWhileImpersonating, type Page, pageOf, type Principal, Problem,
  requireIfMatch, READERS, Roles, type StoredAnswer, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PUBLIC_INGEST_URL, SERVICE_TOKEN_KEY } from '../tokens.js';
import { ChangeEndpointsHandler } from './change-endpoints.handler.js';
import type { WithKey } from './endpoint.repository.js';
import {
  endpointEtag,
  EndpointIn,
  endpointOut,
  EndpointOut,
  EndpointsQuery,
  EndpointWithKeyOut,
  RotateEndpointIn,
} from './endpoints.types.js';
import { type Snippet, snippetsFor } from './snippets.js';

const Writers = () => Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-api');

/** Where agents report. A key is shown once. */
@ApiTags('endpoints')
@Roles(...READERS)
@Controller('api/v1/endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: ChangeEndpointsHandler,
    private readonly idempotency: IdempotencyTable,
    @Inject(PUBLIC_INGEST_URL) private readonly publicUrl: string,
    @Inject(SERVICE_TOKEN_KEY) private readonly serviceTokenKey: string,
  ) {}

  @Get()
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total }: EndpointsQuery,
  ): Promise<Page<EndpointOut>> {
    const before = cursor === undefined ? null : String(decodeCursor(cursor)[0]);
    const found = await this.endpoints.list(caller, before, limit + 1);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.endpoints.count(caller) : undefined;
    return pageOf(items.map(endpointOut), last ? encodeCursor([last.id]) : null, count);
  }

  @Post()
  @Writers()
  @NotWhileImpersonating()
  async create(
    @Caller() caller: Principal,
    @Body() body: EndpointIn,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointWithKeyOut> {
    return this.answered(reply, { caller, route: 'POST /endpoints', header, body }, async () => {
      const made = await this.endpoints.create(caller, body);
      return {
        status: 201,
        body: this.withKey(made),
        headers: { location: `/api/v1/endpoints/${made.endpoint.id}` },
      };
    });
  }

  @Get(':id')
  async read(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointOut> {
    const endpoint = await this.endpoints.find(caller, id as EndpointId);
    void reply.header('etag', endpointEtag(endpoint));
    return endpointOut(endpoint);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Writers()
  @NotWhileImpersonating()
  async rotate(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Body() body: RotateEndpointIn,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointWithKeyOut> {
    const route = `POST /endpoints/${id}/rotate`;
    return this.answered(reply, { caller, route, header, body }, async () => {
      const made = await this.endpoints.rotate(caller, id as EndpointId, body.overlapHours ?? 0);
      return { status: 200, body: this.withKey(made), headers: {} };
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @Writers()
  @NotWhileImpersonating()
  async revoke(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    const endpoint = await this.endpoints.find(caller, id as EndpointId);
    // Nothing in an endpoint can be changed under a reader but its key, so the header is checked only when given.
    if (ifMatch !== undefined) requireIfMatch(ifMatch, endpointEtag(endpoint));
    await this.endpoints.revoke(caller, id as EndpointId);
  }

  @Get(':id/snippets')
  async snippets(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<{ items: Snippet[] }> {
    const { agent } = await this.endpoints.find(caller, id as EndpointId);
    return { items: snippetsFor(agent, this.publicUrl) };
  }

  /** A key is shown once, and again to who repeats the request with its Idempotency-Key. */
  private async answered(
    reply: FastifyReply,
    { caller, route, ...rest }: Omit<IdempotentRequest, 'partnerId'> & { caller: Principal },
    work: () => Promise<StoredAnswer>,
  ): Promise<EndpointWithKeyOut> {
    const answer = await idempotently(
      this.idempotency,
      {
        ...rest,
        partnerId: caller.partnerId,
        route: `${route} by ${caller.subject}`,
        sealedWith: this.serviceTokenKey,
      },
      work,
    );
    void reply.headers(answer.headers);
    return answer.body as EndpointWithKeyOut;
  }

  private withKey({ endpoint, key }: WithKey): EndpointWithKeyOut {
    if (!key) throw Problem.internal(new Error('An endpoint without key'));
    return { ...endpointOut(endpoint), key, url: `${this.publicUrl}/ingest/${endpoint.agent}/${key}` };
  }
}
