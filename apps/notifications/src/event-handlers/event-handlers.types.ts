import {
  type AccountNo, type BrandId, type Condition, CONDITION_FIELDS, type ConditionField, type CustomerId, type EventType,
  type Operator, OPERATORS, SEVERITIES, type Severity, Secret, termOf, toWellFormedText,
} from '@backhaul/domain'; // prettier-ignore
import { assertCondition, IsTerm, PageQuery, Problem, TERM_SCHEMA } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsObject, IsOptional, IsString, Length, Matches, ValidateNested,
} from 'class-validator'; // prettier-ignore
import { isAddress } from '../mail/addresses.js';
import { RULEABLE_TYPES, ScopeIn } from '../rules/rules.types.js';
import { isWebhookSecret } from '../webhooks/webhook-signature.js';
import {
  HANDLER_ACTIONS, type HandlerAction, type HandlerActionKind, type HandlerSettings, type HandlerSource, SOURCE_KINDS,
  type SourceKind,
} from './event-handler.js'; // prettier-ignore

/** One line, with nothing unseen at its ends. */
const CALL_NAME = /^\S(?:.*\S)?$/;
const MOST = { conditions: 20, actions: 5, addresses: 10 };

/** What sets the handler going: events of some types, or a web request of that name. */
export class SourceIn {
  @ApiProperty({ enum: SOURCE_KINDS }) @IsIn(SOURCE_KINDS) kind: SourceKind;

  /** Of `event`; none: all of them, also those that come later. */
  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsIn(RULEABLE_TYPES, { each: true })
  eventTypes?: EventType[] | null;

  /** Of `event`; none: all of them. */
  @ApiProperty({ enum: SEVERITIES, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @IsIn(SEVERITIES, { each: true })
  severities?: Severity[] | null;

  /** Of `web_request`: the call name; several handlers may share it. */
  @IsOptional() @IsString() @Length(1, 100) @Matches(CALL_NAME) api?: string | null;
}

export class HandlerConditionIn {
  @ApiProperty({ enum: CONDITION_FIELDS }) @IsIn(CONDITION_FIELDS) field: ConditionField;
  @ApiProperty({ enum: OPERATORS }) @IsIn(OPERATORS) operator: Operator;
  /** With `like`, `?` is exactly one character and `*` any run of them; case does not matter anywhere. */
  @ApiProperty(TERM_SCHEMA) @IsTerm() term: string | number;
}

/** Conditions that all have to hold; of a web request those on its account alone can. */
export class ConditionsIn {
  @ApiProperty({ type: HandlerConditionIn, isArray: true, maxItems: MOST.conditions })
  @IsArray()
  @ArrayMaxSize(MOST.conditions)
  @ValidateNested({ each: true })
  @Type(() => HandlerConditionIn)
  all: HandlerConditionIn[];
}

export class HandlerActionIn {
  @ApiProperty({ enum: HANDLER_ACTIONS }) @IsIn(HANDLER_ACTIONS) kind: HandlerActionKind;

  /** Of `email`: one mail for each address. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST.addresses)
  @IsString({ each: true })
  @Length(1, 254, { each: true })
  to?: string[] | null;

  /** Of `webhook`: who is called, by the Standard Webhooks scheme. */
  @IsOptional() @IsString() @Length(1, 2000) url?: string | null;
}

/** An event handler as it is created or replaced. */
export class EventHandlerIn {
  @IsString() @Length(1, 200) @Matches(/\S/, { message: 'name must not be blank' }) name: string;
  @IsOptional() @IsBoolean() enabled?: boolean | null;
  @IsObject() @ValidateNested() @Type(() => SourceIn) source: SourceIn;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => ConditionsIn) condition?: ConditionsIn | null;

  @ApiProperty({ type: HandlerActionIn, isArray: true, minItems: 1, maxItems: MOST.actions })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST.actions)
  @ValidateNested({ each: true })
  @Type(() => HandlerActionIn)
  actions: HandlerActionIn[];

  @IsOptional() @IsObject() @ValidateNested() @Type(() => ScopeIn) scope?: ScopeIn | null;
  /** What its webhooks sign with: `whsec_` and base64 of 24 to 64 bytes. Made where it is left out and there is none. */
  @IsOptional() @IsString() @Length(1, 100) secret?: string | null;
}

const SORTS = ['createdAt', '-createdAt'] as const;

export class EventHandlersQuery extends PageQuery {
  @ApiProperty({ enum: SORTS, required: false }) @IsOptional() @IsIn(SORTS) sort?: (typeof SORTS)[number];
}

/** @throws Problem 400, and 422 for an operator that its field has not */
export function handlerSettingsOf(body: EventHandlerIn): HandlerSettings {
  const { scope } = body;
  return {
    name: toWellFormedText(body.name).trim(),
    enabled: body.enabled ?? true,
    source: sourceOf(body.source),
    conditions: (body.condition?.all ?? []).map(conditionOf),
    actions: body.actions.map(actionOf),
    scope: {
      brandIds: unique(scope?.brandIds) as BrandId[],
      custIds: unique(scope?.custIds) as CustomerId[],
      accountNos: unique(scope?.accountNos) as AccountNo[],
    },
  };
}

/** @throws Problem 400 */
export function handlerSecretOf({ secret }: EventHandlerIn): Secret<string> | null {
  if (secret === undefined || secret === null) return null;
  if (!isWebhookSecret(secret))
    throw wrong('/secret', 'must be whsec_ and base64 of 24 to 64 bytes', 'secret');
  return new Secret(secret);
}

const unique = <T>(values: readonly T[] | null | undefined): T[] => [...new Set(values)];

const wrong = (pointer: string, detail: string, rule: string): Problem =>
  Problem.badRequest([{ pointer, detail, rule }]);

function sourceOf({ kind, eventTypes, severities, api }: SourceIn): HandlerSource {
  if (kind === 'event') {
    if (api !== undefined && api !== null) throw wrong('/source/api', 'goes with web_request', 'kind');
    return { kind, eventTypes: unique(eventTypes), severities: unique(severities) };
  }
  if (api === undefined || api === null) throw wrong('/source/api', 'is missing', 'isDefined');
  if ((eventTypes?.length ?? 0) > 0) throw wrong('/source/eventTypes', 'goes with event', 'kind');
  if ((severities?.length ?? 0) > 0) throw wrong('/source/severities', 'goes with event', 'kind');
  return { kind, api: toWellFormedText(api) };
}

function conditionOf({ field, operator, term }: HandlerConditionIn, place: number): Condition {
  const text = toWellFormedText(String(term));
  assertCondition(field, operator, text, `/condition/all/${place}`);
  return { field, operator, term: termOf(field, operator, text) };
}

function actionOf({ kind, to, url }: HandlerActionIn, place: number): HandlerAction {
  const at = `/actions/${place}`;
  if (kind === 'webhook') {
    if (to) throw wrong(`${at}/to`, 'goes with email', 'kind');
    if (!url) throw wrong(`${at}/url`, 'is missing', 'isDefined');
    return { kind, url: toWellFormedText(url).trim(), disabledReason: null };
  }
  if (url) throw wrong(`${at}/url`, 'goes with webhook', 'kind');
  if (!to) throw wrong(`${at}/to`, 'is missing', 'isDefined');
  const bad = to.findIndex((address) => !isAddress(address));
  if (bad >= 0) throw wrong(`${at}/to/${bad}`, 'must be an address for mail, and nothing else', 'isEmail');
  // Domains know no case, and in practice neither do names.
  return { kind, to: [...new Map(to.map((address) => [address.toLowerCase(), address])).values()] };
}
