import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

const ID = /^\d{1,15}$/;

export class LookupQuery {
  /** Of `statuses` of ConnectWise; that of the settings when absent. */
  @IsOptional() @Matches(ID) boardId?: string;
  /** Of `contracts`: the company's id in the PSA. */
  @IsOptional() @Matches(ID) accountId?: string;
}

export class ChoiceOut {
  /** As settings and the customer map take it: a number there, decimal text of companies and contracts here. */
  @ApiProperty({ oneOf: [{ type: 'integer' }, { type: 'string' }] }) id: number | string;
  name: string;
  /** What an absent setting stands for. */
  isDefault: boolean;
  isActive: boolean;
  @ApiProperty({ type: Boolean, required: false }) isClosing?: boolean;
  /** Why it should not be chosen: `company_type`, `contract_type`. */
  @ApiProperty({ type: String, required: false }) problem?: string;
}

export class LookupOut {
  @ApiProperty({ type: ChoiceOut, isArray: true }) items: ChoiceOut[];
  readAt: string;
}
