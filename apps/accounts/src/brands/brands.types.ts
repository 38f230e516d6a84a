import { Omittable } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import type { BrandEntity } from './brand.entity.js';
import { type Demanding, isFactorDemanded } from './factor-demand.js';

export class CreateBrandIn {
  @IsString() @Length(1, 200) @Matches(/\S/) name: string;
  @IsUUID() parentId: string;
}

export class ChangeBrandIn {
  @Omittable() @IsString() @Length(1, 200) @Matches(/\S/) name?: string;
  /** Whether people of this brand and below need a second factor; null: as the brand above. Wants a fresh proof. */
  @IsOptional() @IsBoolean() requireSecondFactor?: boolean | null;
}

export class BrandOut {
  id: string;
  name: string;
  @ApiProperty({ type: String, nullable: true }) parentId: string | null;
  /** What the brand itself says; null: as the brand above. */
  @ApiProperty({ type: Boolean, nullable: true }) requireSecondFactor: boolean | null;
  /** What holds: it says so, or a brand above it does. Programs are not asked for one. */
  isSecondFactorRequired: boolean;
  @ApiProperty({ type: () => BrandOut, isArray: true }) children: BrandOut[];
}

/** `all` are the brands that the caller sees; what stands above these is not named. */
export function brandOut(brand: BrandEntity, all: readonly BrandEntity[], demanding: Demanding): BrandOut {
  const isParentSeen = all.some(({ brandId }) => brandId === brand.parentId);
  return {
    id: brand.brandId,
    name: brand.name,
    parentId: isParentSeen ? brand.parentId : null,
    requireSecondFactor: brand.requireSecondFactor,
    isSecondFactorRequired: isFactorDemanded(brand, demanding),
    children: all
      .filter((child) => child.parentId === brand.brandId)
      .map((child) => brandOut(child, all, demanding)),
  };
}
