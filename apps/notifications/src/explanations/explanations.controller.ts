import {
  type AccountNo, type BrandId, type CustomerId, EVENT_TYPES, type EventType, SEVERITIES, type Severity,
} from '@backhaul/domain'; // prettier-ignore
import { Caller, type Principal, READERS, Roles } from '@backhaul/http';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsIn, IsInt, IsISO8601, IsOptional, IsUUID } from 'class-validator';
import { ExplainHandler, type RulesExplained } from './explain.handler.js';

export class ExplainIn {
  @IsIn(EVENT_TYPES) type: EventType;
  @IsIn(SEVERITIES) severity: Severity;
  @IsISO8601() receivedAt: string;
  @IsOptional() @IsUUID() brandId: BrandId | null;
  @IsOptional() @IsInt() customerId: CustomerId | null;
  @IsOptional() @IsInt() accountNo: AccountNo | null;
}

/** For the gateway, which has the event from ingestion and asks in the name of who asked it. */
@ApiExcludeController()
@Roles(...READERS)
@Controller('internal/explanations')
export class ExplanationsController {
  constructor(private readonly explain: ExplainHandler) {}

  @Post()
  @HttpCode(200)
  read(
    @Caller() caller: Principal,
    @Body() { type, severity, receivedAt, brandId = null, customerId = null, accountNo = null }: ExplainIn,
  ): Promise<RulesExplained> {
    const tenant = { brandId, customerId, accountNo };
    return this.explain.handle(caller, { type, receivedAt, tenant, outcome: { severity } });
  }
}
