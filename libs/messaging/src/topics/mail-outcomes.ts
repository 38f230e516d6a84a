import { IsIn, IsInt, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class MailOutcomePayload {
  @IsUUID() requestId: string;
  @IsUUID() eventId: string;
  @IsUUID() ruleId: string;
  @IsUUID() partnerId: string;
  @IsInt() accountNo: number;
  @IsIn(['done', 'failed']) state: 'done' | 'failed';
  /** `sent`, `bounced`, `suppressed` or `expired`. */
  @IsString() reason: string;
  /** What the partner reads; it names no address. */
  @IsString() message: string;
  /** ISO 8601 UTC. */
  @IsString() at: string;
}

/** What became of a rule's mail. Keyed by account, as the decision was that asked for it. */
export const mailOutcomes: Topic<MailOutcomePayload> = {
  name: 'mail.outcomes.v1',
  meaning: 'The mails that a rule asked for were sent, or never will be.',
  producer: 'notifications',
  consumers: ['ingestion'],
  compacted: false,
  partitions: 12,
  key: (p) => String(p.accountNo),
  payload: MailOutcomePayload,
};
