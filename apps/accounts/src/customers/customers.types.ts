import { Omittable, PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';
import type { CustomerEntity } from './customer.entity.js';

const LARGEST_ID = 2_000_000_000;

export class CreateCustomerIn {
  @IsString() @Length(1, 200) @Matches(/\S/) name: string;
  @IsOptional() @IsUUID() brandId?: string | null;
  @IsOptional() @IsInt() @Min(1) @Max(LARGEST_ID) custId?: number | null;
}

export class ChangeCustomerIn {
  @Omittable() @IsString() @Length(1, 200) @Matches(/\S/) name?: string;
}

export class CustomersQuery extends PageQuery {
  /** Part of the name, or the Cust. ID. */
  @IsOptional() @IsString() @Length(1, 200) q?: string;
}

export class CustomerOut {
  custId: number;
  name: string;
  brandId: string;
  /** ISO 8601 UTC. */
  createdAt: string;
}

export class CustomersOut {
  @ApiProperty({ type: CustomerOut, isArray: true }) items: CustomerOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

export const customerOut = ({ custId, name, brandId, createdAt }: CustomerEntity): CustomerOut => ({
  custId,
  name,
  brandId,
  createdAt: createdAt.toISOString(),
});
