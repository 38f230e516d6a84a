import { isUuid, type RuleId, type Secret } from '@backhaul/domain';
import {
  Caller, decodeCursor, encodeCursor, etagOf, idempotently, pageOf, type Principal, Problem, Roles,
} from '@backhaul/http'; // prettier-ignore
import { IdempotencyTable } from '@backhaul/persistence';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common'; // prettier-ignore
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ChangeRulesHandler } from './change-rules.handler.js';
import { ServiceKey } from '../service-key.js';
import { defaultsFor } from './rule-defaults.js';
import type { StoredRule } from './rule.entity.js';
import { PsaLinks } from './rule-warnings.js';
import { RuleRepository } from './rule.repository.js';
import {
  DefaultsQuery, RuleDefaultsOut, RuleIn, RuleOut, ruleOut, RulesOut, RulesQuery, secretOf, settingsOf, settingsOut,
} from './rules.types.js'; // prettier-ignore

const Writers = () => Roles('partner-senior-manager', 'partner-senior-it-manager');
const PATH = 'api/v1/notification-rules';

/** Partner Notifications: what happens when an event arrives. */
@ApiTags('rules')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller(PATH)
export class RulesController {
  constructor(
    private readonly rules: RuleRepository,
    private readonly changeRules: ChangeRulesHandler,
    private readonly idempotency: IdempotencyTable,
    private readonly serviceKey: ServiceKey,
    private readonly links: PsaLinks,
  ) {}

  @Get()
  @ApiOkResponse({ type: RulesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, sort, total }: RulesQuery,
  ): Promise<RulesOut> {
    const after = cursor === undefined ? null : afterOf(cursor);
    // One more than asked for tells whether there is another page.
    const found = await this.rules.page(caller, {
      limit: limit + 1,
      after,
      newestFirst: sort === '-createdAt',
    });
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const psas = this.links.of(caller.partnerId);
    const count = total ? await this.rules.count(caller) : undefined;
    return pageOf(
      items.map((rule) => ruleOut(rule, psas)),
      last ? encodeCursor([last.id]) : null,
      count,
    );
  }

  @Get('defaults')
  @ApiOkResponse({ type: RuleDefaultsOut })
  defaults(@Query() { action }: DefaultsQuery): RuleDefaultsOut {
    return settingsOut(defaultsFor(action));
  }

  @Get(':id')
  @ApiOkResponse({ type: RuleOut })
  async read(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RuleOut> {
    return this.shown(caller, await this.changeRules.find(caller, id), reply);
  }

  @Post()
  @Writers()
  @ApiCreatedResponse({ type: RuleOut })
  async create(
    @Caller() caller: Principal,
    @Headers('idempotency-key') header: string | undefined,
    @Body() body: RuleIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RuleOut> {
    const request = {
      partnerId: caller.partnerId,
      route: `POST /${PATH} by ${caller.subject}`,
      header,
      body,
      // It may hold the secret of a webhook.
      sealedWith: this.serviceKey.text,
    };
    const answer = await idempotently(this.idempotency, request, async () => {
      const { rule, secret } = await this.changeRules.create(caller, settingsOf(body), secretOf(body));
      const headers = { etag: etagOf(rule.version), location: `/${PATH}/${rule.id}` };
      return { status: 201, body: ruleOut(rule, this.links.of(caller.partnerId), secret), headers };
    });
    reply.headers(answer.headers);
    return answer.body as RuleOut;
  }

  @Put(':id')
  @Writers()
  @ApiOkResponse({ type: RuleOut })
  async replace(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: RuleIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RuleOut> {
    const changed = await this.changeRules.replace(caller, id, ifMatch, settingsOf(body), secretOf(body));
    return this.shown(caller, changed.rule, reply, changed.secret);
  }

  /** A new secret; the one of before signs beside it for a day, so that the receiver can change over. */
  @Post(':id/rotate-secret')
  @Writers()
  @HttpCode(200)
  @ApiOkResponse({ type: RuleOut })
  async rotateSecret(@Caller() caller: Principal, @Param('id') id: string): Promise<RuleOut> {
    const { rule, secret } = await this.changeRules.rotateSecret(caller, id);
    return ruleOut(rule, this.links.of(caller.partnerId), secret);
  }

  @Delete(':id')
  @Writers()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeRules.remove(caller, id, ifMatch);
  }

  private shown(
    { partnerId }: Principal,
    rule: StoredRule,
    reply: FastifyReply,
    secret: Secret<string> | null = null,
  ): RuleOut {
    reply.header('etag', etagOf(rule.version));
    return ruleOut(rule, this.links.of(partnerId), secret);
  }
}

/** @throws Problem 400 */
function afterOf(cursor: string): RuleId {
  const [after] = decodeCursor(cursor);
  if (!isUuid(after))
    throw Problem.badRequest([{ pointer: '/cursor', detail: 'No such page.', rule: 'cursor' }]);
  return after as RuleId;
}
