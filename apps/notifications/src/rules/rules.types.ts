import {
  isRuleable,
  EVENT_TYPES,
  type AccountNo,
  type BrandId,
  type CustomerId,
  type EventType,
  Secret,
  toWellFormedText,
} from '@backhaul/domain';
import { PageQuery, Problem } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, IsUUID, Length, Matches, Max, Min,
  ValidateNested,
} from 'class-validator'; // prettier-ignore
import { type PsasInUse, warningsOf } from './rule-warnings.js';
import { RULE_ACTIONS, type RuleAction, type RuleSettings } from './rule.js';
import type { StoredRule } from './rule.entity.js';
import { MOST_CHANGES } from '../watches/course.js';
import { isWebhookSecret } from '../webhooks/webhook-signature.js';

export const RULEABLE_TYPES = EVENT_TYPES.filter(isRuleable);
const MAX_PLACES = 1000;
const MAX_INT = 2_147_483_647;

export class SeveritiesIn {
  @IsBoolean() ok: boolean;
  @IsBoolean() warning: boolean;
  @IsBoolean() error: boolean;
}

/** Where the rule acts: in any of these places; with none of them, on all accounts of the partner. */
export class ScopeIn {
  @IsOptional() @IsArray() @ArrayMaxSize(MAX_PLACES) @IsUUID('all', { each: true }) brandIds?:
    string[] | null;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PLACES)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(MAX_INT, { each: true })
  custIds?: number[] | null;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PLACES)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(MAX_INT, { each: true })
  accountNos?: number[] | null;
}

/** Whichever comes first. */
export class AfterIn {
  /** Failures in a row. */
  @IsOptional() @IsInt() @Min(2) @Max(100) count?: number | null;
  /** Minutes that the problem lasted. */
  @IsOptional() @IsInt() @Min(1) @Max(10_080) minutes?: number | null;
}

/** A problem that breaks and heals so often gets no new ticket until it settles. */
export class FlappingIn {
  @IsInt() @Min(3) @Max(MOST_CHANGES) changes: number;
  @IsInt() @Min(5) @Max(1440) withinMinutes: number;
}

/** When so many accounts of one customer fail within so long, one ticket tells of all of them. */
export class SiteOutageIn {
  /** Different accounts of the customer. */
  @IsInt() @Min(2) @Max(100) accounts: number;
  /** Each ticket of the rule waits so long, to see whether others follow: that is the price. */
  @IsInt() @Min(1) @Max(120) withinMinutes: number;
}

/** Who is called: by the Standard Webhooks scheme. */
export class WebhookIn {
  @IsString() @Length(1, 2000) url: string;
  /** `whsec_` and base64 of 24 to 64 bytes. Made where it is left out and there is none, kept where there is one. */
  @IsOptional() @IsString() @Length(1, 100) secret?: string | null;
}

export class WebhookOut {
  @ApiProperty() url: string;
  /** Why nobody is called any more; saving the rule switches it on again. */
  @ApiProperty({ type: String, nullable: true }) disabledReason: string | null;
  /** Stands in the answer that follows its making, and never again. */
  @ApiProperty({ required: false }) secret?: string;
}

/** A rule as it is created or replaced. */
export class RuleIn {
  @IsString() @Length(1, 200) @Matches(/\S/, { message: 'name must not be blank' }) name: string;
  @ApiProperty({ enum: RULE_ACTIONS }) @IsIn(RULE_ACTIONS) action: RuleAction;
  @IsObject() @ValidateNested() @Type(() => SeveritiesIn) severities: SeveritiesIn;
  /** With `true` every type matches, also those that come later (F7); else those listed. */
  @IsBoolean() allEventTypes: boolean;

  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsIn(RULEABLE_TYPES, { each: true })
  eventTypes?: EventType[] | null;

  @IsOptional() @IsObject() @ValidateNested() @Type(() => ScopeIn) scope?: ScopeIn | null;
  @IsOptional() @IsBoolean() enabled?: boolean | null;
  /** A ticket only then; at once without it. What ends closes the ticket in any case. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => AfterIn) after?: AfterIn | null;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => FlappingIn) flapping?: FlappingIn | null;
  /** One ticket for the customer instead of one for each problem; it closes once the last of them is over. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => SiteOutageIn) siteOutage?: SiteOutageIn | null;
  /** With the action `webhook`. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => WebhookIn) webhook?: WebhookIn | null;
}

function unique<T>(values: readonly T[] | null | undefined): T[] {
  return [...new Set(values)];
}

export function settingsOf(body: RuleIn): RuleSettings {
  const { ok, warning, error } = body.severities;
  return {
    name: toWellFormedText(body.name).trim(),
    action: body.action,
    severities: { ok, warning, error },
    allEventTypes: body.allEventTypes,
    eventTypes: unique(body.eventTypes),
    scope: {
      brandIds: unique(body.scope?.brandIds) as BrandId[],
      custIds: unique(body.scope?.custIds) as CustomerId[],
      accountNos: unique(body.scope?.accountNos) as AccountNo[],
    },
    enabled: body.enabled ?? true,
    after: body.after ? { count: body.after.count ?? null, minutes: body.after.minutes ?? null } : null,
    flapping: body.flapping
      ? { changes: body.flapping.changes, withinMinutes: body.flapping.withinMinutes }
      : null,
    siteOutage: siteOutageOf(body),
    webhook: body.webhook ? { url: body.webhook.url.trim(), disabledReason: null } : null,
  };
}

function siteOutageOf({ siteOutage }: RuleIn): RuleSettings['siteOutage'] {
  return siteOutage ? { accounts: siteOutage.accounts, withinMinutes: siteOutage.withinMinutes } : null;
}

/** @throws Problem 400 */
export function secretOf({ webhook }: RuleIn): Secret<string> | null {
  const text = webhook?.secret ?? null;
  if (text === null) return null;
  const detail = 'must be whsec_ and base64 of 24 to 64 bytes';
  if (!isWebhookSecret(text))
    throw Problem.badRequest([{ pointer: '/webhook/secret', detail, rule: 'secret' }]);
  return new Secret(text);
}

export class RuleDefaultsOut {
  @ApiProperty() name: string;
  @ApiProperty({ enum: RULE_ACTIONS }) action: RuleAction;
  @ApiProperty() severities: SeveritiesIn;
  @ApiProperty() allEventTypes: boolean;
  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true }) eventTypes: EventType[];
  @ApiProperty() scope: ScopeIn;
  @ApiProperty() enabled: boolean;
  @ApiProperty({ required: false }) after?: AfterIn;
  @ApiProperty({ required: false }) flapping?: FlappingIn;
  @ApiProperty({ required: false }) siteOutage?: SiteOutageIn;
  @ApiProperty({ required: false }) webhook?: WebhookOut;
}

/** What was accepted, and will not do what one may expect of it. */
export class RuleWarningOut {
  /** To the field that it is about. */
  @ApiProperty() pointer: string;
  @ApiProperty() detail: string;
  @ApiProperty() rule: string;
}

export class RuleOut extends RuleDefaultsOut {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time' }) updatedAt: string;
  @ApiProperty({ type: RuleWarningOut, isArray: true }) warnings: RuleWarningOut[];
}

const SORTS = ['createdAt', '-createdAt'] as const;

export class RulesQuery extends PageQuery {
  @ApiProperty({ enum: SORTS, required: false }) @IsOptional() @IsIn(SORTS) sort?: (typeof SORTS)[number];
}

export class DefaultsQuery {
  @ApiProperty({ enum: RULE_ACTIONS }) @IsIn(RULE_ACTIONS) action: RuleAction;
}

export class RulesOut {
  @ApiProperty({ type: RuleOut, isArray: true }) items: RuleOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  /** Exact up to 10,000; above that a lower bound. */
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

function scopeOut({ brandIds, custIds, accountNos }: RuleSettings['scope']): ScopeIn {
  return {
    ...(brandIds.length > 0 && { brandIds: [...brandIds] }),
    ...(custIds.length > 0 && { custIds: [...custIds] }),
    ...(accountNos.length > 0 && { accountNos: [...accountNos] }),
  };
}

const afterOut = ({ count, minutes }: NonNullable<RuleSettings['after']>): AfterIn => ({
  ...(count !== null && { count }),
  ...(minutes !== null && { minutes }),
});

export function settingsOut(rule: RuleSettings): RuleDefaultsOut {
  return {
    name: rule.name,
    action: rule.action,
    severities: rule.severities,
    allEventTypes: rule.allEventTypes,
    eventTypes: [...rule.eventTypes],
    scope: scopeOut(rule.scope),
    enabled: rule.enabled,
    ...(rule.after && { after: afterOut(rule.after) }),
    ...(rule.flapping && { flapping: rule.flapping }),
    ...(rule.siteOutage && { siteOutage: rule.siteOutage }),
    ...(rule.webhook && { webhook: rule.webhook }),
  };
}

/** @param secret where it is new: it is shown once */
export function ruleOut(rule: StoredRule, psas: PsasInUse, secret: Secret<string> | null = null): RuleOut {
  return {
    id: rule.id,
    ...settingsOut(rule),
    ...(rule.webhook && secret && { webhook: { ...rule.webhook, secret: secret.reveal() } }),
    createdAt: rule.createdAt.toISOString(),
    updatedAt: rule.updatedAt.toISOString(),
    warnings: warningsOf(rule, psas),
  };
}
