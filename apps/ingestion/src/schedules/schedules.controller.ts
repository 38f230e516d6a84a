import { Caller, NumberParam, type Principal, READERS, Roles } from '@backhaul/http';
import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ChangeScheduleHandler, scheduleEtag } from './change-schedule.handler.js';
import { type AccountSchedule, scheduleOut } from './schedule-out.js';
import { ScheduleIn, ScheduleOut } from './schedules.types.js';

const Changers = () =>
  Roles(
    'partner-senior-manager', 'partner-senior-it-manager', 'partner-senior-customer-service',
    'partner-customer-service',
  ); // prettier-ignore

/** When backups of an account are expected, and what is told when they do not come. */
@ApiTags('schedules')
@Roles(...READERS, 'power-user')
@Controller('api/v1/accounts/:no/schedule')
export class SchedulesController {
  constructor(private readonly changeSchedule: ChangeScheduleHandler) {}

  @Get()
  @ApiOkResponse({ type: ScheduleOut })
  async read(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleOut> {
    return shown(await this.changeSchedule.find(caller, no), reply);
  }

  /** What is left out is as by default. */
  @Put()
  @Changers()
  @ApiOkResponse({ type: ScheduleOut })
  async change(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: ScheduleIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleOut> {
    return shown(await this.changeSchedule.change(caller, no, ifMatch, body), reply);
  }
}

function shown(schedule: AccountSchedule, reply: FastifyReply): ScheduleOut {
  void reply.header('etag', scheduleEtag(schedule));
  return scheduleOut(schedule);
}
