import { Public, SERVICE_HEADER, verifyService } from '@backhaul/http';
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CheckPsaHandler, type PsaCheckOut } from './check-psa.handler.js';
import { PsaCheckIn } from './psa-checks.types.js';

/** SERVICE_TOKEN_KEY, where Nest injects it. */
export class ServiceKey {
  constructor(readonly text: string) {}
}

/** For accounts alone, before it saves: does the PSA have what the form names? */
@ApiExcludeController()
@Public()
@Controller('internal/psa-checks')
export class PsaChecksController {
  constructor(
    private readonly checkPsa: CheckPsaHandler,
    private readonly key: ServiceKey,
  ) {}

  @Post()
  @HttpCode(200)
  check(@Headers(SERVICE_HEADER) token: unknown, @Body() body: PsaCheckIn): Promise<PsaCheckOut> {
    verifyService(this.key.text, 'psa-check', token);
    return this.checkPsa.handle(body);
  }
}
