import { PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { type BrandChangeEntity, CHANGE_KINDS, type ChangeKind } from './brand-change.entity.js';

const LARGEST_ID = 2_000_000_000;

export class TargetIn {
  @IsInt() @Min(1) @Max(LARGEST_ID) custId: number;
  @IsUUID() brandId: string;
}

export class CreateBrandChangeIn {
  /** `conversion` empties a brand of its customers; `move` hangs it elsewhere, or moves some of its customers. */
  @ApiProperty({ enum: CHANGE_KINDS }) @IsIn(CHANGE_KINDS) kind: ChangeKind;
  @IsUUID() brandId: string;
  /** The new parent, for a move of the brand itself. */
  @IsOptional() @IsUUID() parentId?: string | null;
  @ApiProperty({ type: TargetIn, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10_000)
  @ValidateNested({ each: true })
  @Type(() => TargetIn)
  targets?: TargetIn[] | null;
  @IsOptional() @IsString() @Length(1, 2000) note?: string | null;
}

export class BrandChangesQuery extends PageQuery {}

export class BrandChangeOut {
  id: string;
  partnerId: string;
  @ApiProperty({ enum: CHANGE_KINDS }) kind: ChangeKind;
  brandId: string;
  @ApiProperty({ type: String, nullable: true }) parentId: string | null;
  @ApiProperty({ type: TargetIn, isArray: true }) targets: TargetIn[];
  @ApiProperty({ type: String, nullable: true }) note: string | null;
  @ApiProperty({ enum: ['requested', 'executed'] }) state: 'requested' | 'executed';
  requestedAt: string;
  @ApiProperty({ type: String, nullable: true }) executedAt: string | null;
}

export class BrandChangesOut {
  @ApiProperty({ type: BrandChangeOut, isArray: true }) items: BrandChangeOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

export const brandChangeOut = (row: BrandChangeEntity): BrandChangeOut => ({
  id: row.requestId,
  partnerId: row.partnerId,
  kind: row.kind,
  brandId: row.brandId,
  parentId: row.parentId,
  targets: row.targets,
  note: row.note,
  state: row.executedAt === null ? 'requested' : 'executed',
  requestedAt: row.requestedAt.toISOString(),
  executedAt: row.executedAt?.toISOString() ?? null,
});
