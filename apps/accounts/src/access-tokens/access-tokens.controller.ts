import {
  Caller,
  encodeCursor,
  NeedsStepUp,
  NotWhileImpersonating,
  pageOf,
  PageQuery,
  type Principal,
  UuidParam,
} from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { created } from '../answers.js';
import { TOKEN_SCOPE } from '../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../api-keys/api-key.repository.js';
import { ChangeApiKeysHandler } from '../api-keys/change-api-keys.handler.js';
import { ServiceKey } from '../authentications/client.js';
import { afterUuid } from '../paging.js';
import { MaySetUp } from '../rights.js';
import {
  accessTokenOut,
  AccessTokenOut,
  AccessTokensOut,
  CreateAccessTokenIn,
} from './access-tokens.types.js';

/**
 * Tokens of external forms and API methods: each acts as role partner-api of its partner or brand, at `/API/external`
 * alone. One is shown once, and again to who repeats the request with its Idempotency-Key.
 */
@ApiTags('access tokens')
@MaySetUp()
@NotWhileImpersonating()
@Controller('api/v1/access-tokens')
export class AccessTokensController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly changeApiKeys: ChangeApiKeysHandler,
    private readonly idempotency: IdempotencyTable,
    private readonly serviceKey: ServiceKey,
  ) {}

  @Get()
  @ApiOkResponse({ type: AccessTokensOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total }: PageQuery,
  ): Promise<AccessTokensOut> {
    const rows = await this.keys.page(caller, 'access-token', afterUuid(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.keys.count(caller, 'access-token') : undefined;
    return pageOf(items.map(accessTokenOut), last ? encodeCursor([last.apiKeyId]) : null, count);
  }

  @Post()
  @NeedsStepUp()
  @ApiCreatedResponse({ type: AccessTokenOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateAccessTokenIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccessTokenOut> {
    const request = { caller, route: 'POST /access-tokens', header, body, sealedWith: this.serviceKey.text };
    return created(this.idempotency, request, reply, async () => {
      const { kind: _, ...terms } = body;
      const { row, key } = await this.changeApiKeys.create(caller, { ...terms, scopes: [TOKEN_SCOPE] });
      return { body: { ...accessTokenOut(row), token: key } };
    });
  }

  @Delete(':id')
  @NeedsStepUp()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<void> {
    await this.changeApiKeys.remove(caller, 'access-token', id);
  }
}
