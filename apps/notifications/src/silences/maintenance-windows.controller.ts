import { Caller, PageQuery, type Principal, Roles, UuidParam } from '@backhaul/http';
import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ChangeSilencesHandler } from './change-silences.handler.js';
import { SilenceLists } from './silence-lists.js';
import {
  MaintenanceWindowIn,
  MaintenanceWindowOut,
  MaintenanceWindowsOut,
  windowSettingsOf,
  maintenanceWindowOut,
} from './silences.types.js';

const Writers = () => Roles('partner-senior-manager', 'partner-senior-it-manager');
const PATH = 'api/v1/maintenance-windows';
const KIND = 'maintenance';

/** Planned times, once or each week, in which no problem in these places opens anything. */
@ApiTags('rules')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller(PATH)
export class MaintenanceWindowsController {
  constructor(
    private readonly lists: SilenceLists,
    private readonly changeSilences: ChangeSilencesHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: MaintenanceWindowsOut })
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<MaintenanceWindowsOut> {
    return this.lists.page(caller, KIND, query, maintenanceWindowOut);
  }

  @Get(':id')
  @ApiOkResponse({ type: MaintenanceWindowOut })
  async read(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MaintenanceWindowOut> {
    return this.lists.one(await this.changeSilences.find(caller, KIND, id), maintenanceWindowOut, reply);
  }

  @Post()
  @Writers()
  @ApiCreatedResponse({ type: MaintenanceWindowOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: MaintenanceWindowIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MaintenanceWindowOut> {
    const request = { path: PATH, header, body, settingsAt: (now: Date) => windowSettingsOf(body, now) };
    return this.lists.create(caller, request, maintenanceWindowOut, reply);
  }

  /** What it kept from being opened and still stands is opened within seconds. */
  @Delete(':id')
  @Writers()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeSilences.remove(caller, KIND, id, ifMatch);
  }
}
