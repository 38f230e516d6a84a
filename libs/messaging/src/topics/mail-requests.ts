import { IsArray, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export const REQUESTED_MAILS = ['password-reset'] as const;
export type RequestedMail = (typeof REQUESTED_MAILS)[number];

export class MailRequestPayload {
  @IsUUID() requestId: string;
  @IsUUID() partnerId: string;
  /** Null for an operator of the platform. */
  @IsOptional() @IsInt() accountNo: number | null;
  /** Whose name the mail bears; null: the platform's. */
  @IsOptional() @IsUUID() brandId: string | null;
  @IsArray() @IsString({ each: true }) to: string[];
  /** Which; a consumer that does not know it sets the request aside. */
  @IsString() mail: RequestedMail;
  /** Who is meant. */
  @IsString() username: string;
  /** What only services may read, sealed for this request (`sealForServices`): a secret never stands open in a topic. */
  @IsString() sealed: string;
  /** ISO 8601 UTC; afterwards it is not sent. */
  @IsString() expiresAt: string;
}

export const mailRequests: Topic<MailRequestPayload> = {
  name: 'mail.requests.v1',
  meaning: 'Somebody is to get a mail that is about no event.',
  producer: 'accounts',
  consumers: ['notifications'],
  compacted: false,
  partitions: 4,
  // No mail waits for another.
  key: (p) => p.requestId,
  payload: MailRequestPayload,
};
