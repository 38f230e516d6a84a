import {
  EVENT_TYPE_GROUPS,
  EVENT_TYPE_INFO,
  type EventType,
  type EventTypeGroup,
  SEVERITIES,
  type Severity,
} from '@backhaul/domain';
import { Roles, ROLES } from '@backhaul/http';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { RULEABLE_TYPES } from './rules.types.js';

export class EventTypeOut {
  @ApiProperty({ enum: RULEABLE_TYPES }) type: EventType;
  /** The heading under which the form shows it. */
  @ApiProperty({ enum: EVENT_TYPE_GROUPS }) group: EventTypeGroup;
  @ApiProperty({ enum: SEVERITIES }) defaultSeverity: Severity;
}

export class EventTypesOut {
  @ApiProperty({ type: EventTypeOut, isArray: true }) items: EventTypeOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

const ITEMS: EventTypeOut[] = RULEABLE_TYPES.flatMap((type) => {
  const { group, severity } = EVENT_TYPE_INFO[type];
  return group ? [{ type, group, defaultSeverity: severity }] : [];
}).sort((a, b) => EVENT_TYPE_GROUPS.indexOf(a.group) - EVENT_TYPE_GROUPS.indexOf(b.group));

/** The types of event that a rule may name: the product's own list, the same for everybody. */
@ApiTags('rules')
@Roles(...ROLES)
@Controller('api/v1/event-types')
export class EventTypesController {
  @Get()
  @ApiOkResponse({ type: EventTypesOut })
  list(): EventTypesOut {
    return { items: ITEMS, nextCursor: null };
  }
}
