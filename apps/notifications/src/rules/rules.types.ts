import {
  isRuleable,
  EVENT_TYPES,
  type AccountNo,
  type BrandId,
  type CustomerId,
  type EventType,
  toWellFormedText,
} from '@backhaul/domain';
import { PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, IsUUID, Length, Matches, Max, Min,
  ValidateNested,
} from 'class-validator'; // prettier-ignore
import { RULE_ACTIONS, type RuleAction, type RuleSettings } from './rule.js';
import type { StoredRule } from './rule.entity.js';

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
  };
}

export class RuleDefaultsOut {
  @ApiProperty() name: string;
  @ApiProperty({ enum: RULE_ACTIONS }) action: RuleAction;
  @ApiProperty() severities: SeveritiesIn;
  @ApiProperty() allEventTypes: boolean;
  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true }) eventTypes: EventType[];
  @ApiProperty() scope: ScopeIn;
  @ApiProperty() enabled: boolean;
}

export class RuleOut extends RuleDefaultsOut {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time' }) updatedAt: string;
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

export function settingsOut(rule: RuleSettings): RuleDefaultsOut {
  return {
    name: rule.name,
    action: rule.action,
    severities: rule.severities,
    allEventTypes: rule.allEventTypes,
    eventTypes: [...rule.eventTypes],
    scope: scopeOut(rule.scope),
    enabled: rule.enabled,
  };
}

export function ruleOut(rule: StoredRule): RuleOut {
  return {
    id: rule.id,
    ...settingsOut(rule),
    createdAt: rule.createdAt.toISOString(),
    updatedAt: rule.updatedAt.toISOString(),
  };
}
