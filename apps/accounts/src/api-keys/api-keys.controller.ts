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
import { ServiceKey } from '../authentications/client.js';
import { afterUuid } from '../paging.js';
import { MaySetUp } from '../rights.js';
import { ApiKeyOut, apiKeyOut, ApiKeysOut, CreateApiKeyIn, RotateApiKeyIn } from './api-keys.types.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ChangeApiKeysHandler } from './change-api-keys.handler.js';

/** Keys for programs. A key is shown once, and again to who repeats the request with its Idempotency-Key. */
@ApiTags('API keys')
@MaySetUp()
@NotWhileImpersonating()
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly changeApiKeys: ChangeApiKeysHandler,
    private readonly idempotency: IdempotencyTable,
    private readonly serviceKey: ServiceKey,
  ) {}

  @Get()
  @ApiOkResponse({ type: ApiKeysOut })
  async list(@Caller() caller: Principal, @Query() { limit, cursor, total }: PageQuery): Promise<ApiKeysOut> {
    const rows = await this.keys.page(caller, 'api-key', afterUuid(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.keys.count(caller, 'api-key') : undefined;
    return pageOf(items.map(apiKeyOut), last ? encodeCursor([last.apiKeyId]) : null, count);
  }

  @Post()
  @NeedsStepUp()
  @ApiCreatedResponse({ type: ApiKeyOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: CreateApiKeyIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyOut> {
    const request = { caller, route: 'POST /api-keys', header, body, sealedWith: this.serviceKey.text };
    return created(this.idempotency, request, reply, async () => {
      const { row, key } = await this.changeApiKeys.create(caller, body);
      return { body: { ...apiKeyOut(row), key } };
    });
  }

  /** The old key works beside the new one for the overlap. */
  @Post(':id/rotate')
  @NeedsStepUp()
  @ApiCreatedResponse({ type: ApiKeyOut })
  rotate(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: RotateApiKeyIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyOut> {
    const route = `POST /api-keys/${id}/rotate`;
    const request = { caller, route, header, body, sealedWith: this.serviceKey.text };
    return created(this.idempotency, request, reply, async () => {
      const { row, key } = await this.changeApiKeys.rotate(caller, id, body.overlapHours ?? undefined);
      return { body: { ...apiKeyOut(row), key } };
    });
  }

  @Delete(':id')
  @NeedsStepUp()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<void> {
    await this.changeApiKeys.remove(caller, 'api-key', id);
  }
}
