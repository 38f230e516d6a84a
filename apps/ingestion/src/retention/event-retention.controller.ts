import { Caller, etagOf, NeedsStepUp, NotWhileImpersonating, type Principal, Roles, WholePartner } from '@backhaul/http'; // prettier-ignore
import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsInt, Max, Min, ValidateIf } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { EventRetention, type Retention } from './event-retention.js';
import { LEAST_DAYS, MOST_DAYS } from './log-retention.js';

export class EventRetentionIn {
  /** Days from the receipt of an event until it goes, with what came of it; null follows the installation. */
  @ApiProperty({ type: 'integer', nullable: true, minimum: LEAST_DAYS, maximum: MOST_DAYS })
  @ValidateIf(({ days }: EventRetentionIn) => days !== null)
  @IsInt()
  @Min(LEAST_DAYS)
  @Max(MOST_DAYS)
  days: number | null;
}

export class EventRetentionOut implements Retention {
  days: number;
  isDefault: boolean;
}

/** How long the event log goes back. */
@ApiTags('events')
@Roles('partner-senior-manager')
@WholePartner()
@Controller('api/v1/event-retention')
export class EventRetentionController {
  constructor(private readonly retention: EventRetention) {}

  @Get()
  @ApiOkResponse({ type: EventRetentionOut })
  async read(
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventRetentionOut> {
    return answer(reply, await this.retention.read(caller));
  }

  @Put()
  @NeedsStepUp()
  @NotWhileImpersonating()
  @ApiOkResponse({ type: EventRetentionOut })
  async set(
    @Caller() caller: Principal,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { days }: EventRetentionIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventRetentionOut> {
    return answer(reply, await this.retention.set(caller, ifMatch, days));
  }
}

function answer(reply: FastifyReply, retention: Retention): EventRetentionOut {
  reply.header('etag', etagOf(retention));
  return retention;
}
