import { Caller, type Principal, Roles, WholePartner } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { PROVIDER } from '../read-models/read-models.consumer.js';
import { DiagnoseHandler } from './diagnose.handler.js';
import { DiagnosticsOut } from './diagnostics.types.js';
import { ownProvider } from './own-provider.js';

/** Whether the setup of the PSA holds, asked of the PSA itself (E10-E17). */
@ApiTags('PSA')
@Roles('partner-senior-manager')
@WholePartner()
@Controller('api/v1/psa/:provider/diagnostics')
export class DiagnosticsController {
  constructor(
    private readonly diagnose: DiagnoseHandler,
    @Inject(PROVIDER) private readonly provider: Provider,
  ) {}

  @Get()
  @ApiOkResponse({ type: DiagnosticsOut })
  read(@Caller() caller: Principal, @Param('provider') name: string): Promise<DiagnosticsOut> {
    ownProvider(name, this.provider);
    return this.diagnose.handle(caller.partnerId);
  }
}
