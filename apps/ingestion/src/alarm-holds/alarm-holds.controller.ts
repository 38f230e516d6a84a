import type { PartnerId } from '@backhaul/domain';
import { decodeCursor, encodeCursor, NeedsStepUp, pageOf, Problem, Roles } from '@backhaul/http';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  AlarmHoldDecisionIn, alarmHoldOut, AlarmHoldsOut, AlarmHoldsQuery, HeldAlarmsDoneOut, holdIdOf, HoldParam, nameOfHold,
} from './alarm-holds.types.js'; // prettier-ignore
import { DecideHeldAlarmsHandler } from './decide-held-alarms.handler.js';

/** Missed backups that are not told, as so many at once are likely a fault of ours; for operators of the platform. */
@ApiTags('operations')
@Roles('platform-operator')
@Controller('api/v1/alarm-holds')
export class AlarmHoldsController {
  constructor(private readonly decideHeldAlarms: DecideHeldAlarmsHandler) {}

  @Get()
  @ApiOkResponse({ type: AlarmHoldsOut })
  async list(@Query() { limit, cursor }: AlarmHoldsQuery): Promise<AlarmHoldsOut> {
    const { now, rows } = await this.decideHeldAlarms.page(afterOf(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return pageOf(
      items.map((held) => alarmHoldOut(held, now)),
      last ? encodeCursor([nameOfHold(last.partnerId)]) : null,
    );
  }

  /** They are told now, but for those of which a report has come meanwhile. 409 when they are let out already. */
  @Post(':id/release')
  @NeedsStepUp()
  @HttpCode(200)
  @ApiOkResponse({ type: HeldAlarmsDoneOut })
  release(
    @HoldParam('id') id: PartnerId,
    @Body() { reason }: AlarmHoldDecisionIn,
  ): Promise<HeldAlarmsDoneOut> {
    return this.decideHeldAlarms.release(id, reason);
  }

  /** They are not told: only what does not come the next time is. The hold itself goes on. 409 when nothing is held. */
  @Post(':id/drop')
  @NeedsStepUp()
  @HttpCode(200)
  @ApiOkResponse({ type: HeldAlarmsDoneOut })
  drop(@HoldParam('id') id: PartnerId, @Body() { reason }: AlarmHoldDecisionIn): Promise<HeldAlarmsDoneOut> {
    return this.decideHeldAlarms.drop(id, reason);
  }
}

/** @throws Problem 400 for what no page has given */
function afterOf(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const [after] = decodeCursor(cursor);
  const id = typeof after === 'string' ? holdIdOf(after) : null;
  if (id !== null) return id;
  const detail = 'must be the nextCursor of this list';
  throw Problem.badRequest([{ pointer: '/cursor', detail, rule: 'cursor' }]);
}
