import { Omittable } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, IsUUID, Length, Matches } from 'class-validator';
import type { BrandEntity } from './brand.entity.js';

export class CreateBrandIn {
  @IsString() @Length(1, 200) @Matches(/\S/) name: string;
  @IsUUID() parentId: string;
}

export class ChangeBrandIn {
  @Omittable() @IsString() @Length(1, 200) @Matches(/\S/) name?: string;
}

export class BrandOut {
  id: string;
  name: string;
  @ApiProperty({ type: String, nullable: true }) parentId: string | null;
  @ApiProperty({ type: () => BrandOut, isArray: true }) children: BrandOut[];
}

/** `all` are the brands that the caller sees; what stands above these is not named. */
export function brandOut(brand: BrandEntity, all: readonly BrandEntity[]): BrandOut {
  const isParentSeen = all.some(({ brandId }) => brandId === brand.parentId);
  return {
    id: brand.brandId,
    name: brand.name,
    parentId: isParentSeen ? brand.parentId : null,
    children: all.filter((child) => child.parentId === brand.brandId).map((child) => brandOut(child, all)),
  };
}
