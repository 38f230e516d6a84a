import { Caller, type Principal, Roles } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { PROVIDER } from '../read-models/read-models.consumer.js';
import { ownProvider } from './own-provider.js';
import { SuggestHandler } from './suggest.handler.js';

export class SuggestionOut {
  custId: number;
  customerName: string;
  psaCompanyId: string;
  companyName: string;
  /** From 0 to 1: 1 is the same name. */
  confidence: number;
}

export class SuggestionsOut {
  @ApiProperty({ type: SuggestionOut, isArray: true }) items: SuggestionOut[];
  readAt: string;
}

/** Which company each customer without one may be. Nothing is mapped by it. */
@ApiTags('PSA')
@Roles('partner-senior-manager', 'partner-senior-it-manager')
@Controller('api/v1/psa/:provider/customer-map/suggest')
export class SuggestController {
  constructor(
    private readonly suggest: SuggestHandler,
    @Inject(PROVIDER) private readonly provider: Provider,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: SuggestionsOut })
  read(@Caller() caller: Principal, @Param('provider') name: string): Promise<SuggestionsOut> {
    ownProvider(name, this.provider);
    return this.suggest.handle(caller);
  }
}
