import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Query parameters of every list; a list with filters extends it. */
export class PageQuery {
  @IsInt() @Min(1) @Max(200) limit: number = 50;
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
  /** `true` asks for the number of items as well. */
  @IsOptional() @IsBoolean() total?: boolean;
}

export const COUNTED_UP_TO = 10_000;

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
  total?: number;
  totalIsExact?: boolean;
}

/** A list's answer. A total above 10,000 becomes that lower bound, and says so. */
export function pageOf<T>(items: T[], nextCursor: string | null, total?: number): Page<T> {
  if (total === undefined) return { items, nextCursor };
  if (total <= COUNTED_UP_TO) return { items, nextCursor, total };
  return { items, nextCursor, total: COUNTED_UP_TO, totalIsExact: false };
}
