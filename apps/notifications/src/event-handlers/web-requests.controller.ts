import { toWellFormedText } from '@backhaul/domain';
import { Caller, idempotently, type Principal, Roles } from '@backhaul/http';
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { TakeWebRequestHandler } from './take-web-request.handler.js';

const PATH = 'event-handlers/web-requests';

export class WebRequestIn {
  /** The call name of the handlers. */
  @IsString() @Length(1, 1000) api: string;
  @IsOptional() @IsInt() @Min(1) @Max(2_147_483_647) accountNo?: number | null;
}

export class WebRequestOut {
  /** How many handlers it set going. */
  runs: number;
}

/** For the gateway, which takes such requests from outside and asks in the name of the account whose token came with one. */
@ApiExcludeController()
@Roles('partner-api')
@Controller(PATH)
export class WebRequestsController {
  constructor(
    private readonly takeWebRequest: TakeWebRequestHandler,
    private readonly idempotency: IdempotencyTable,
  ) {}

  @Post()
  @HttpCode(202)
  async take(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: WebRequestIn,
  ): Promise<WebRequestOut> {
    const { partnerId, subject } = caller;
    const request = { partnerId, route: `POST /${PATH} by ${subject}`, header, body };
    const answer = await idempotently(this.idempotency, request, async () => {
      const { api, accountNo = null } = body;
      const runs = await this.takeWebRequest.handle(caller, { api: toWellFormedText(api), accountNo });
      return { status: 202, body: { runs }, headers: {} };
    });
    return answer.body as WebRequestOut;
  }
}
