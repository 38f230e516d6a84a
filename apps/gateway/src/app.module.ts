import { type DynamicModule, Module } from '@nestjs/common';
import { ApiKeyGuard, type ApiKeyTable } from './api-keys/api-key.guard.js';
import { RateLimiter } from './api-keys/rate-limiter.js';
import { DocsController } from './docs/docs.controller.js';
import { OpenApiCatalogue } from './docs/openapi-catalogue.js';
import { ApiController } from './forwarding/api.controller.js';
import { Upstreams } from './forwarding/upstreams.js';
import { TicketingLists } from './lists/ticketing-lists.js';
import { API_KEYS, RATE_LIMITER } from './tokens.js';

export interface GatewayParts {
  apiKeys: ApiKeyTable;
  upstreams: Upstreams;
  limiter: RateLimiter;
}

@Module({})
export class AppModule {
  static with({ apiKeys, upstreams, limiter }: GatewayParts): DynamicModule {
    return {
      module: AppModule,
      controllers: [DocsController, ApiController],
      providers: [
        ApiKeyGuard,
        OpenApiCatalogue,
        TicketingLists,
        { provide: Upstreams, useValue: upstreams },
        { provide: API_KEYS, useValue: apiKeys },
        { provide: RATE_LIMITER, useValue: limiter },
      ],
    };
  }
}
