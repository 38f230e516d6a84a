import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Length } from 'class-validator';
import type { BrandEntity } from './brand.entity.js';

export class CreateBrandIn {
  @IsString() @Length(1, 200) name: string;
  @IsUUID() parentId: string;
}

export class ChangeBrandIn {
  @IsOptional() @IsString() @Length(1, 200) name?: string | null;
}

export class BrandOut {
  id: string;
  name: string;
  @ApiProperty({ type: String, nullable: true }) parentId: string | null;
  @ApiProperty({ type: () => BrandOut, isArray: true }) children: BrandOut[];
}

export function brandOut(brand: BrandEntity, all: readonly BrandEntity[] = []): BrandOut {
  return {
    id: brand.brandId,
    name: brand.name,
    parentId: brand.parentId,
    children: all.filter((child) => child.parentId === brand.brandId).map((child) => brandOut(child, all)),
  };
}
