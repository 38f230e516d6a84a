import { EVENT_TYPE_GROUPS, type EventType, type EventTypeGroup } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, ValidateNested } from 'class-validator';
import type { Undeliverable } from '../mail/mail.repository.js';
import type { AccountOptions } from './change-options.handler.js';
import { isOn, OPTIONS, type Switched } from './options.js';

const KEYS = OPTIONS.map(({ key }) => key);

/** One box. An item as it was read may be sent back whole: only `key` and `on` count. */
export class OptionIn {
  @ApiProperty({ enum: KEYS }) @IsIn(KEYS) key: EventType;
  @IsBoolean() on: boolean;
  @ApiProperty({ enum: EVENT_TYPE_GROUPS, required: false })
  @IsOptional()
  @IsIn(EVENT_TYPE_GROUPS)
  group?: EventTypeGroup;
  @IsOptional() @IsBoolean() onByDefault?: boolean;
}

/** Boxes that are not named stay as they are. */
export class OptionsIn {
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => OptionIn)
  options: OptionIn[];
}

export class OptionOut {
  @ApiProperty({ enum: KEYS }) key: EventType;
  /** The heading under which the form shows it. */
  @ApiProperty({ enum: EVENT_TYPE_GROUPS }) group: EventTypeGroup;
  @ApiProperty() on: boolean;
  @ApiProperty() onByDefault: boolean;
}

export class UndeliverableOut {
  @ApiProperty() address: string;
  /** What the receiving server said. */
  @ApiProperty() reason: string;
  @ApiProperty({ format: 'date-time' }) at: string;
}

export class OptionsOut {
  @ApiProperty() accountNo: number;
  @ApiProperty({ type: OptionOut, isArray: true }) options: OptionOut[];
  /** The keys of what is on. */
  @ApiProperty({ enum: KEYS, isArray: true }) optionsOn: EventType[];
  /** An API account has no backups of which anybody should hear: what is still on had better go off (A14). */
  @ApiProperty({ type: String, enum: ['switch-all-off'], nullable: true }) proposal: 'switch-all-off' | null;
  /** Addresses of the account that refused mail in the last day and get none meanwhile. */
  @ApiProperty({ type: UndeliverableOut, isArray: true }) undeliverable: UndeliverableOut[];
}

/** @throws Problem 400 for one that stands there twice */
export function switchedOf({ options }: OptionsIn): Switched {
  const twice = options.findIndex(({ key }, index) => options.findIndex((one) => one.key === key) < index);
  if (twice >= 0) {
    const pointer = `/options/${twice}/key`;
    throw Problem.badRequest([{ pointer, detail: 'must not stand there twice', rule: 'unique' }]);
  }
  return Object.fromEntries(options.map(({ key, on }) => [key, on]));
}

export function optionsOut(
  { account, switched }: AccountOptions,
  undeliverable: readonly Undeliverable[],
): OptionsOut {
  const options = OPTIONS.map((option) => ({ ...option, on: isOn(switched, option.key) }));
  const optionsOn = options.filter(({ on }) => on).map(({ key }) => key);
  return {
    accountNo: account.accountNo,
    options,
    optionsOn,
    proposal: account.role === 'partner-api' && optionsOn.length > 0 ? 'switch-all-off' : null,
    undeliverable: undeliverable.map(({ address, reason, at }) => ({
      address,
      reason,
      at: at.toISOString(),
    })),
  };
}
