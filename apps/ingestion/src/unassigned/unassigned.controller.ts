import type { AccountNo, CanonicalEvent } from '@backhaul/domain';
import {
  Caller, decodeCursor, encodeCursor, Omittable, type Page, pageOf, PageQuery, type Principal, Problem, READERS, Roles, UuidParam,
} from '@backhaul/http'; // prettier-ignore
import { Relay } from '@backhaul/persistence';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { AccountDirectory } from '../accounts/account-directory.js';
import { UnassignedRepository } from './unassigned.repository.js';

export class UnassignedQuery extends PageQuery {}

export class AssignIn {
  @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) accountNo: number;
  /** Later results of the same host or device then go to this account by themselves. */
  @Omittable() @IsBoolean() remember?: boolean;
}

type UnassignedOut = CanonicalEvent & { id: string };

const Writers = () =>
  Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-customer-service', 'partner-api');

/** Results that wait for a person to say whose they are. */
@ApiTags('endpoints')
@Roles(...READERS)
@Controller('api/v1/unassigned-results')
export class UnassignedController {
  constructor(
    private readonly unassigned: UnassignedRepository,
    private readonly directory: AccountDirectory,
    private readonly relay: Relay,
  ) {}

  @Get()
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total }: UnassignedQuery,
  ): Promise<Page<UnassignedOut>> {
    const before = cursor === undefined ? null : String(decodeCursor(cursor)[0]);
    const found = await this.unassigned.list(caller, before, limit + 1);
    const items = found.slice(0, limit).map((event) => ({ id: event.eventId, ...event }));
    const last = found.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.unassigned.count(caller) : undefined;
    return pageOf(items, last ? encodeCursor([last.id]) : null, count);
  }

  @Post(':id/assign')
  @HttpCode(200)
  @Writers()
  async assign(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Body() { accountNo, remember = false }: AssignIn,
  ): Promise<{ eventId: string; accountNo: number }> {
    const done = await this.unassigned.assign(caller, id, accountNo as AccountNo, remember);
    if (done === 'already_assigned') throw Problem.conflict('This result has an account already.');
    if (done !== 'assigned') throw Problem.notFound();
    this.directory.forget();
    this.relay.wake();
    return { eventId: id, accountNo };
  }

  @Post(':id/discard')
  @HttpCode(204)
  @Writers()
  async discard(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<void> {
    if (!(await this.unassigned.discard(caller, id))) throw Problem.notFound();
  }
}
