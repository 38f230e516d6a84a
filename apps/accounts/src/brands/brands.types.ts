import { Omittable } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsObject, IsOptional, IsString, IsUUID, Length, Matches, MaxLength, ValidateNested } from 'class-validator'; // prettier-ignore
import type { BrandEntity } from './brand.entity.js';
import { type Demanding, isFactorDemanded } from './factor-demand.js';

export class CreateBrandIn {
  @IsString() @Length(1, 200) @Matches(/\S/) name: string;
  @IsUUID() parentId: string;
}

/** Where people find help (E12). */
export class SupportIn {
  /** A page, `https:` or `http:`. */
  @IsOptional() @IsString() @MaxLength(500) @Matches(/^https?:\/\/[^\s<>"]+$/) url?: string | null;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @IsString({ each: true })
  @Length(3, 40, { each: true })
  @Matches(/^[+(\d][\d ().+/-]*$/, { each: true })
  phones?: string[];
}

export class SupportOut {
  @ApiProperty({ type: String, nullable: true }) url: string | null;
  @ApiProperty({ type: String, isArray: true }) phones: string[];
}

export class ChangeBrandIn {
  @Omittable() @IsString() @Length(1, 200) @Matches(/\S/) name?: string;
  /** Whether people of this brand and below need a second factor; null: as the brand above. Wants a fresh proof. */
  @IsOptional() @IsBoolean() requireSecondFactor?: boolean | null;
  /** Replaced as a whole; null: as the brand above. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => SupportIn) support?: SupportIn | null;
}

export class BrandOut {
  id: string;
  name: string;
  @ApiProperty({ type: String, nullable: true }) parentId: string | null;
  /** What the brand itself says; null: as the brand above. */
  @ApiProperty({ type: Boolean, nullable: true }) requireSecondFactor: boolean | null;
  /** What holds: it says so, or a brand above it does. Programs are not asked for one. */
  isSecondFactorRequired: boolean;
  /** What the brand itself says; null: as the brand above. */
  @ApiProperty({ type: SupportOut, nullable: true }) support: SupportOut | null;
  @ApiProperty({ type: () => BrandOut, isArray: true }) children: BrandOut[];
}

export const supportOf = (json: string | null): SupportOut | null =>
  json === null ? null : (JSON.parse(json) as SupportOut);

/** `all` are the brands that the caller sees; what stands above these is not named. */
export function brandOut(brand: BrandEntity, all: readonly BrandEntity[], demanding: Demanding): BrandOut {
  const isParentSeen = all.some(({ brandId }) => brandId === brand.parentId);
  return {
    id: brand.brandId,
    name: brand.name,
    parentId: isParentSeen ? brand.parentId : null,
    requireSecondFactor: brand.requireSecondFactor,
    isSecondFactorRequired: isFactorDemanded(brand, demanding),
    support: supportOf(brand.support),
    children: all
      .filter((child) => child.parentId === brand.brandId)
      .map((child) => brandOut(child, all, demanding)),
  };
}
