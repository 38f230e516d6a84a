import type { Scope } from '@backhaul/domain';
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';

/** Without `total`: groups come and go while they are counted. */
export class DeadLettersQuery {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
  @IsOptional() @IsString() @MaxLength(100) topic?: string;
  @IsOptional() @IsString() @MaxLength(40) class?: string;
}

export class ReplayQuery {
  /** Says what would happen, and does nothing. */
  @IsOptional() @IsBoolean() dryRun?: boolean;
  /** All letters of its group that wait, up to 100. */
  @IsOptional() @IsBoolean() group?: boolean;
}

export class DiscardQuery {
  /** All letters of its group that wait, up to 100. */
  @IsOptional() @IsBoolean() group?: boolean;
}

export class DiscardIn {
  @IsString() @MinLength(3) @MaxLength(500) reason: string;
}

export class LetterGroupOut {
  id: string;
  /** The service that keeps them. */
  service: string;
  topic: string;
  /** `decode`, `schema`, `unknown-type`, `invariant`, `definitive-remote`, `killer`; `unsent`: a message of the service that Kafka did not take. */
  class: string;
  /** Of one of them. */
  reason: string;
  count: number;
  oldestAt: string;
  newestAt: string;
  /** Ids, the oldest twenty. */
  @ApiProperty({ type: String, isArray: true }) letters: string[];
}

export class DeadLettersOut {
  @ApiProperty({ type: LetterGroupOut, isArray: true }) items: LetterGroupOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class LetterOut {
  id: string;
  service: string;
  groupId: string;
  topic: string;
  /** Of class `unsent` the bucket of the outbox, and `offset` the place in it. */
  partition: number;
  offset: string;
  class: string;
  reason: string;
  /** `waiting`, `replaying`, `replayed` or `discarded`. */
  state: string;
  setAsideAt: string;
  /** Something newer about the same thing was handled since: a replay counts as late. */
  isOvertaken: boolean;
  /** Older letters about the same thing that wait. */
  olderWaiting: number;
  /** Null where nobody knows whose it is: then operators alone see it. */
  @ApiProperty({ type: String, nullable: true }) partnerId: string | null;
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  @ApiProperty({ type: Number, nullable: true }) custId: number | null;
  /** Of the payload, which itself is never shown. */
  bytes: number;
  @ApiProperty({ type: String, nullable: true }) sha256: string | null;
  isJson: boolean;
  /** What the payload names, such as `eventId`; nothing that it says. */
  @ApiProperty({ type: Object }) facts: Record<string, string | number | boolean>;
  @ApiProperty({ type: String, nullable: true }) resolvedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) resolvedBy: string | null;
  @ApiProperty({ type: String, nullable: true }) note: string | null;
}

export class LetterMessageOut {
  topic: string;
  key: string;
}

export class LetterDoneOut {
  id: string;
  /** `replayed`, `would_replay`, `refused`, `discarded` or `busy`. */
  result: string;
  text: string;
  /** What it led to, or would. */
  @ApiProperty({ type: LetterMessageOut, isArray: true }) messages: LetterMessageOut[];
}

export class LettersDoneOut {
  @ApiProperty({ type: LetterDoneOut, isArray: true }) items: LetterDoneOut[];
  /** Letters of the group that this request did not reach: ask again. */
  remaining: number;
}

type Kept<T> = Omit<T, 'service'>;

/** What a service does about its letters; null where there is none within the scope. */
export interface LetterDesk {
  groups(
    scope: Scope,
    filter: { topic?: string | undefined; class?: string | undefined },
    before: readonly [string, string] | null,
    limit: number,
  ): Promise<Kept<LetterGroupOut>[]>;
  find(scope: Scope, id: string): Promise<Kept<LetterOut> | null>;
  replay(
    scope: Scope,
    id: string,
    how: { isGroup: boolean; isDryRun: boolean },
  ): Promise<LettersDoneOut | null>;
  discard(
    scope: Scope,
    id: string,
    how: { isGroup: boolean; reason: string },
  ): Promise<LettersDoneOut | null>;
}
