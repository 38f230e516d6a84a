import { Caller, NumberParam, type Principal, Problem, READERS, Roles } from '@backhaul/http';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { AccountEventFilters } from './event-filters.js';
import { EventPages, type FoundPage } from './event-pages.js';
import { EventRepository } from './event.repository.js';

export class AccountEventsQuery extends AccountEventFilters {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
  /** `true` asks for the number of items as well. */
  @IsOptional() @IsBoolean() total?: boolean;
}

/** The event log of one account: where a link beside its number leads. */
@ApiTags('events')
@Roles(...READERS, 'power-user')
@Controller('api/v1/accounts/:no/events')
export class AccountEventsController {
  constructor(
    private readonly events: EventRepository,
    private readonly pages: EventPages,
  ) {}

  /** As `GET /events` with that account, but for one that is not there to be seen: 404. */
  @Get()
  async list(
    @Caller() caller: Principal,
    @NumberParam('no') accountNo: number,
    @Query() query: AccountEventsQuery,
  ): Promise<FoundPage> {
    if (!(await this.events.isAccountSeen(caller, accountNo))) throw Problem.notFound();
    return this.pages.list(caller, { ...query, accountNo });
  }
}
