import { ApiProperty } from '@nestjs/swagger';

/** An action as ingestion shows it beside the event. */
export class ExplainedAction {
  ruleId: string;
  ruleName: string;
  action: string;
  state: string;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty({ type: String, nullable: true }) message: string | null;
  @ApiProperty({ required: false }) provider?: string;
  @ApiProperty({ required: false }) ticketId?: string;
  @ApiProperty({ required: false }) ticketNumber?: string;
  at: string;
}

export class RuleCheck {
  /** `ruleable`, `enabled`, `made_later`, `type`, `severity` or `scope`. */
  check: string;
  isMet: boolean;
  text: string;
}

export class ExplainedRule {
  ruleId: string;
  ruleName: string;
  action: string;
  isMatch: boolean;
  @ApiProperty({ type: RuleCheck, isArray: true }) checks: RuleCheck[];
  /** It was changed after the event arrived. */
  isChangedSince: boolean;
}

export class ExplainedTicket {
  id: string;
  number: string;
  @ApiProperty({ type: String, nullable: true }) state: string | null;
  @ApiProperty({ type: String, nullable: true }) url: string | null;
}

export class ExplainedCommand {
  kind: string;
  status: string;
  @ApiProperty({ type: String, nullable: true }) finishedAt: string | null;
}

export class ExplainedEntry {
  at: string;
  kind: string;
  text: string;
}

export class ExplainedIncident {
  provider: string;
  id: string;
  state: string;
  isOpenedByIt: boolean;
  @ApiProperty({ type: ExplainedTicket, nullable: true }) ticket: ExplainedTicket | null;
  @ApiProperty({ type: ExplainedEntry, isArray: true }) entries: ExplainedEntry[];
  @ApiProperty({ type: ExplainedCommand, isArray: true }) commands: ExplainedCommand[];
}

export class ExplainedWait {
  provider: string;
  laneId: string;
  waiting: number;
  @ApiProperty({ type: String, nullable: true }) waitingSince: string | null;
  kind: string;
  @ApiProperty({ type: String, nullable: true }) field: string | null;
  text: string;
  @ApiProperty({ type: String, nullable: true }) until: string | null;
}

export class ExplanationOut {
  eventId: string;
  type: string;
  severity: string;
  receivedAt: string;
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  @ApiProperty({ type: Number, nullable: true }) custId: number | null;
  /** One sentence. */
  summary: string;
  /** What happened, in order, in plain sentences. */
  @ApiProperty({ type: String, isArray: true }) sentences: string[];
  /** Those that match, then those that miss by the fewest things. */
  @ApiProperty({ type: ExplainedRule, isArray: true }) rules: ExplainedRule[];
  /** Further rules that do not match. */
  rulesNotShown: number;
  @ApiProperty({ type: ExplainedAction, isArray: true }) actions: ExplainedAction[];
  @ApiProperty({ type: ExplainedIncident, isArray: true }) incidents: ExplainedIncident[];
  @ApiProperty({ type: ExplainedWait, isArray: true }) waits: ExplainedWait[];
  /** Services whose share is missing now. */
  @ApiProperty({ type: String, isArray: true, required: false }) warnings?: string[];
}

/** Of the event, what an explanation speaks of; as ingestion answers it. */
export interface AskedEvent {
  eventId: string;
  type: string;
  receivedAt: string;
  tenant: { brandId: string | null; customerId: number | null; accountNo: number | null };
  outcome: { severity: string; phase: string; dryRun: boolean };
  state: string;
  actions: ExplainedAction[];
}

export interface RulesPart {
  rules: ExplainedRule[];
  notShown: number;
}

export interface TicketingPart {
  provider: string;
  incidents: Omit<ExplainedIncident, 'provider'>[];
  lane: {
    id: string;
    waiting: number;
    waitingSince: string | null;
    why: Pick<ExplainedWait, 'kind' | 'field' | 'text' | 'until'> | null;
  } | null;
}
