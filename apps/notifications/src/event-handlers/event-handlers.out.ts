import {
  CONDITION_FIELDS, type ConditionField, type EventType, type Operator, OPERATORS, SEVERITIES, type Secret, type Severity,
} from '@backhaul/domain'; // prettier-ignore
import { ApiProperty } from '@nestjs/swagger';
import { RULEABLE_TYPES, ScopeIn } from '../rules/rules.types.js';
import {
  type EventHandler, HANDLER_ACTIONS, type HandlerAction, type HandlerActionKind, type HandlerSource, SOURCE_KINDS,
  type SourceKind,
} from './event-handler.js'; // prettier-ignore

export class SourceOut {
  @ApiProperty({ enum: SOURCE_KINDS }) kind: SourceKind;
  @ApiProperty({ enum: RULEABLE_TYPES, isArray: true, required: false }) eventTypes?: EventType[];
  @ApiProperty({ enum: SEVERITIES, isArray: true, required: false }) severities?: Severity[];
  @ApiProperty({ required: false }) api?: string;
}

export class HandlerConditionOut {
  @ApiProperty({ enum: CONDITION_FIELDS }) field: ConditionField;
  @ApiProperty({ enum: OPERATORS }) operator: Operator;
  @ApiProperty() term: string;
}

export class ConditionsOut {
  @ApiProperty({ type: HandlerConditionOut, isArray: true }) all: HandlerConditionOut[];
}

export class HandlerActionOut {
  @ApiProperty({ enum: HANDLER_ACTIONS }) kind: HandlerActionKind;
  @ApiProperty({ type: String, isArray: true, required: false }) to?: string[];
  @ApiProperty({ required: false }) url?: string;
  /** Why it is called no more; saving the handler switches it on again. */
  @ApiProperty({ type: String, nullable: true, required: false }) disabledReason?: string | null;
}

export class EventHandlerOut {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() name: string;
  @ApiProperty() enabled: boolean;
  @ApiProperty() source: SourceOut;
  @ApiProperty() condition: ConditionsOut;
  @ApiProperty({ type: HandlerActionOut, isArray: true }) actions: HandlerActionOut[];
  @ApiProperty() scope: ScopeIn;
  /** What its webhooks sign with: in the answer that follows its making, and never again. */
  @ApiProperty({ required: false }) secret?: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time' }) updatedAt: string;
}

export class EventHandlersOut {
  @ApiProperty({ type: EventHandlerOut, isArray: true }) items: EventHandlerOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  /** Exact up to 10,000; above that a lower bound. */
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

/** @param secret where it is new: it is shown once */
export function handlerOut(handler: EventHandler, secret: Secret<string> | null = null): EventHandlerOut {
  const { brandIds, custIds, accountNos } = handler.scope;
  return {
    id: handler.id,
    name: handler.name,
    enabled: handler.enabled,
    source: sourceOut(handler.source),
    condition: { all: [...handler.conditions] },
    actions: handler.actions.map(actionOut),
    scope: {
      ...(brandIds.length > 0 && { brandIds: [...brandIds] }),
      ...(custIds.length > 0 && { custIds: [...custIds] }),
      ...(accountNos.length > 0 && { accountNos: [...accountNos] }),
    },
    ...(secret && { secret: secret.reveal() }),
    createdAt: handler.createdAt.toISOString(),
    updatedAt: handler.updatedAt.toISOString(),
  };
}

const sourceOut = (source: HandlerSource): SourceOut =>
  source.kind === 'web_request'
    ? { kind: source.kind, api: source.api }
    : { kind: source.kind, eventTypes: [...source.eventTypes], severities: [...source.severities] };

const actionOut = (action: HandlerAction): HandlerActionOut =>
  action.kind === 'email'
    ? { kind: action.kind, to: [...action.to] }
    : { kind: action.kind, url: action.url, disabledReason: action.disabledReason };
