import { Body, Controller, Get, HttpCode, Inject, Post, type Provider, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { decodeCursor, encodeCursor } from '../lists/cursor.js';
import { pageOf } from '../lists/page.js';
import { Caller, Roles } from '../principals/principal.decorators.js';
import type { Principal } from '../principals/principal.js';
import { Problem } from '../problems/problem.js';
import { UuidParam } from '../validation/params.js';
import {
  DeadLettersOut, DeadLettersQuery, DiscardIn, DiscardQuery, type LetterDesk, LetterOut, LettersDoneOut, ReplayQuery,
} from './dead-letters.types.js'; // prettier-ignore

const DESK = Symbol('DESK');
const SERVICE = Symbol('SERVICE');
const Actors = () => Roles('partner-senior-manager', 'partner-senior-it-manager', 'platform-operator');

/** Records that this service could not take: partners see those that are known to be theirs, operators all. */
@ApiTags('operations')
@Roles(
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-read-only',
  'partner-api',
  'platform-operator',
)
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(
    @Inject(DESK) private readonly desk: LetterDesk,
    @Inject(SERVICE) private readonly service: string,
  ) {}

  /** What the controller needs. */
  static providers(desk: LetterDesk, service: string): Provider[] {
    return [
      { provide: DESK, useValue: desk },
      { provide: SERVICE, useValue: service },
    ];
  }

  @Get()
  @ApiOkResponse({ type: DeadLettersOut })
  async list(@Caller() caller: Principal, @Query() query: DeadLettersQuery): Promise<DeadLettersOut> {
    const { limit, cursor, ...filter } = query;
    const [newestAt, id] = cursor === undefined ? [] : decodeCursor(cursor);
    const before = cursor === undefined ? null : ([String(newestAt), String(id)] as const);
    const found = await this.desk.groups(caller, filter, before, limit + 1);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const { service } = this;
    return pageOf(
      items.map((group) => ({ ...group, service })),
      last ? encodeCursor([last.newestAt, last.id]) : null,
    );
  }

  @Get(':id')
  @ApiOkResponse({ type: LetterOut })
  async read(@Caller() caller: Principal, @UuidParam('id') id: string): Promise<LetterOut> {
    return { ...found(await this.desk.find(caller, id)), service: this.service };
  }

  /** Handles it once more, or its whole group; what had its effect has none again. 409 when it is dealt with already. */
  @Post(':id/replay')
  @Actors()
  @HttpCode(200)
  @ApiOkResponse({ type: LettersDoneOut })
  async replay(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Query() { dryRun: isDryRun = false, group: isGroup = false }: ReplayQuery,
  ): Promise<LettersDoneOut> {
    const done = found(await this.desk.replay(caller, id, { isDryRun, isGroup }));
    return isGroup || isDryRun ? done : unlessBusy(done);
  }

  /** Puts it away for good, or its whole group; its bytes are kept. 409 when it is dealt with already. */
  @Post(':id/discard')
  @Actors()
  @HttpCode(200)
  @ApiOkResponse({ type: LettersDoneOut })
  async discard(
    @Caller() caller: Principal,
    @UuidParam('id') id: string,
    @Query() { group: isGroup = false }: DiscardQuery,
    @Body() { reason }: DiscardIn,
  ): Promise<LettersDoneOut> {
    const done = found(await this.desk.discard(caller, id, { isGroup, reason }));
    return isGroup ? done : unlessBusy(done);
  }
}

function found<T>(answer: T | null): T {
  if (answer === null) throw Problem.notFound();
  return answer;
}

function unlessBusy(done: LettersDoneOut): LettersDoneOut {
  const [first] = done.items;
  if (first?.result === 'busy') throw Problem.conflict(first.text);
  return done;
}
