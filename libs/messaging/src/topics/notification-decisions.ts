import { IsArray, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class DecidedAction {
  @IsUUID() requestId: string;
  @IsUUID() ruleId: string;
  @IsString() ruleName: string;
  /** A rule action such as `open_connectwise_ticket`. */
  @IsString() action: string;
  /** `pending` until the acting service reports, or what was decided at once; of its own calls notifications says later how they ended. */
  @IsString() state: 'pending' | 'done' | 'skipped' | 'failed';
  @IsOptional() @IsString() reason: string | null;
  @IsOptional() @IsString() message: string | null;
}

export class NotificationDecisionPayload {
  @IsUUID() eventId: string;
  @IsUUID() partnerId: string;
  @IsInt() accountNo: number;
  @IsArray() actions: DecidedAction[];
  /** The reprocessing that asks for this, where one does. */
  @IsOptional() @IsUUID() operationId?: string;
  /** ISO 8601 UTC. */
  @IsString() at: string;
}

/** The rules have been applied to an event. Keyed by account: arrives before the outcomes of its requests can matter. */
export const notificationDecisions: Topic<NotificationDecisionPayload> = {
  name: 'notification.decisions.v1',
  meaning: 'The rules were applied to an event; these actions follow, possibly none.',
  producer: 'notifications',
  consumers: ['ingestion'],
  compacted: false,
  partitions: 12,
  key: (p) => String(p.accountNo),
  payload: NotificationDecisionPayload,
};
