import { Caller, PageQuery, type Principal, Roles, UuidParam } from '@backhaul/http';
import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ChangeSilencesHandler } from './change-silences.handler.js';
import { SilenceLists } from './silence-lists.js';
import { SilenceIn, SilenceOut, SilencesOut, silenceSettingsOf, silenceOut } from './silences.types.js';

const Writers = () => Roles('partner-senior-manager', 'partner-senior-it-manager');
const PATH = 'api/v1/silences';
const KIND = 'silence';

/** For some time no problem in these places opens anything; what ends is closed all the same. */
@ApiTags('rules')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller(PATH)
export class SilencesController {
  constructor(
    private readonly lists: SilenceLists,
    private readonly changeSilences: ChangeSilencesHandler,
  ) {}

  @Get()
  @ApiOkResponse({ type: SilencesOut })
  list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<SilencesOut> {
    return this.lists.page(caller, KIND, query, silenceOut);
  }

  @Get(':id')
  @ApiOkResponse({ type: SilenceOut })
  async read(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SilenceOut> {
    return this.lists.one(await this.changeSilences.find(caller, KIND, id), silenceOut, reply);
  }

  @Post()
  @Writers()
  @ApiCreatedResponse({ type: SilenceOut })
  create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: SilenceIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SilenceOut> {
    const request = { path: PATH, header, body, settingsAt: (now: Date) => silenceSettingsOf(body, now) };
    return this.lists.create(caller, request, silenceOut, reply);
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
