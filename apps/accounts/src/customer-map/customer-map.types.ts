import { PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

const ID = /^\d{1,15}$/;

/** Ids are the PSA's, as decimal text; null takes the mapping away. */
export class MapCustomerIn {
  @IsOptional() @IsString() @Matches(ID) psaCompanyId?: string | null;
  @IsOptional() @IsString() @Matches(ID) contractId?: string | null;
  @IsOptional() @IsString() @Matches(ID) agreementId?: string | null;
}

export class MapRowIn extends MapCustomerIn {
  @IsInt() @Min(1) @Max(2_000_000_000) custId: number;
  /** As it was read. */
  @IsString() @MaxLength(100) etag: string;
}

export class CustomerMapIn {
  @IsArray() @ArrayMaxSize(1000) @ValidateNested({ each: true }) @Type(() => MapRowIn) items: MapRowIn[];
}

export class CustomerMapQuery extends PageQuery {}

export class MapRowOut {
  custId: number;
  customerName: string;
  @ApiProperty({ type: String, nullable: true }) psaCompanyId: string | null;
  @ApiProperty({ type: String, nullable: true }) contractId: string | null;
  @ApiProperty({ type: String, nullable: true }) agreementId: string | null;
  /**
   * `not_mapped`; of the company when it was mapped, or a day ago at most: `company_gone`, `company_inactive`, `company_type`;
   * `unchecked`: the PSA did not answer yet.
   */
  @ApiProperty({ type: String, isArray: true }) problems: string[];
  etag: string;
}

export class CustomerMapOut {
  @ApiProperty({ type: MapRowOut, isArray: true }) items: MapRowOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}
