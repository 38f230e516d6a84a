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
import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { afterUuid } from '../paging.js';
import { MaySetUp } from '../rights.js';
import { ApiKeyOut, apiKeyOut, ApiKeysOut, CreateApiKeyIn } from './api-keys.types.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ChangeApiKeysHandler } from './change-api-keys.handler.js';

/** Keys for programs. A key is shown once, so its creation takes no Idempotency-Key: delete what you did not want. */
@ApiTags('API keys')
@MaySetUp()
@NotWhileImpersonating()
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly changeApiKeys: ChangeApiKeysHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: ApiKeysOut })
  async list(@Caller() caller: Principal, @Query() { limit, cursor, total }: PageQuery): Promise<ApiKeysOut> {
    const rows = await this.keys.page(caller, afterUuid(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.keys.count(caller) : undefined;
    return pageOf(items.map(apiKeyOut), last ? encodeCursor([last.apiKeyId]) : null, count);
  }

  @Post()
  @NeedsStepUp()
  @ApiCreatedResponse({ type: ApiKeyOut })
  async create(@Caller() caller: Principal, @Body() body: CreateApiKeyIn): Promise<ApiKeyOut> {
    const { row, key } = await this.changeApiKeys.create(caller, body);
    return { ...apiKeyOut(row), key };
  }

  @Post(':id/rotate')
  @NeedsStepUp()
  @ApiCreatedResponse({ type: ApiKeyOut })
  async rotate(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<ApiKeyOut> {
    const { row, key } = await this.changeApiKeys.rotate(caller, id);
    return { ...apiKeyOut(row), key };
  }

  @Delete(':id')
  @NeedsStepUp()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<void> {
    await this.changeApiKeys.remove(caller, id);
  }
}
