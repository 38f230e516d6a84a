import { Caller, type Principal, READERS, Roles } from '@backhaul/http';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsInt, IsUUID, Max, Min } from 'class-validator';
import { ExplanationRepository, type TicketingExplained } from './explanation.repository.js';

export class ExplanationQuery {
  @IsUUID() eventId: string;
  @IsInt() @Min(1) @Max(2_000_000_000) accountNo: number;
}

/** For the gateway, which asks in the name of who asked it. */
@ApiExcludeController()
@Roles(...READERS)
@Controller('internal/explanations')
export class ExplanationsController {
  constructor(private readonly explanations: ExplanationRepository) {}

  @Get()
  read(
    @Caller() caller: Principal,
    @Query() { eventId, accountNo }: ExplanationQuery,
  ): Promise<TicketingExplained> {
    return this.explanations.explain(caller, eventId, accountNo);
  }
}
