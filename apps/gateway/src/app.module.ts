import { type BlockList } from 'node:net';
import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsAuthenticator } from './authentication/accounts.authenticator.js';
import { ApiKeyAuthenticator } from './authentication/api-key.authenticator.js';
import { AuthenticationGuard, type Limiters } from './authentication/authentication.guard.js';
import { Suspensions } from './authentication/suspensions.js';
import { DocsController } from './docs/docs.controller.js';
import { DocumentationGuard } from './docs/documentation.guard.js';
import { OpenApiCatalogue } from './docs/openapi-catalogue.js';
import { ApiController } from './forwarding/api.controller.js';
import { Upstreams } from './forwarding/upstreams.js';
import { Explanations } from './explanations/explanations.js';
import { ExplanationsController } from './explanations/explanations.controller.js';
import { ExternalActions } from './external/external-actions.js';
import { ExternalController } from './external/external.controller.js';
import { MergedLists } from './lists/merged-lists.js';
import { Streams } from './streams/streams.js';
import { StreamsController } from './streams/streams.controller.js';
import { LIMITERS, TRUSTED_PROXIES } from './tokens.js';

export interface GatewayParts {
  apiKeys: ApiKeyAuthenticator;
  accounts: AccountsAuthenticator;
  suspensions: Suspensions;
  upstreams: Upstreams;
  limiters: Limiters;
  proxies: BlockList;
  streams: Streams;
}

@Module({})
export class AppModule {
  static with(parts: GatewayParts): DynamicModule {
    const { apiKeys, accounts, suspensions, upstreams, limiters, proxies, streams } = parts;
    return {
      module: AppModule,
      controllers: [
        DocsController,
        ExplanationsController,
        StreamsController,
        ExternalController,
        ApiController,
      ],
      providers: [
        AuthenticationGuard,
        DocumentationGuard,
        OpenApiCatalogue,
        MergedLists,
        Explanations,
        ExternalActions,
        { provide: Upstreams, useValue: upstreams },
        { provide: Streams, useValue: streams },
        { provide: ApiKeyAuthenticator, useValue: apiKeys },
        { provide: AccountsAuthenticator, useValue: accounts },
        { provide: Suspensions, useValue: suspensions },
        { provide: LIMITERS, useValue: limiters },
        { provide: TRUSTED_PROXIES, useValue: proxies },
      ],
    };
  }
}
