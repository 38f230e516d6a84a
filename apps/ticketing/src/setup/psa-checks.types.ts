import type { TicketingOptions } from '@backhaul/psa';
import { IsArray, IsObject, IsOptional, IsString, IsUUID, Matches } from 'class-validator';

const ID = /^\d{1,15}$/;

/** One link, sealed, and what is asked of it. */
export class PsaCheckIn {
  @IsUUID() connectionId: string;
  @IsUUID() partnerId: string;
  @IsObject() endpoint: Record<string, string | null>;
  @IsString() sealedSecret: string;
  @IsArray() @IsString({ each: true }) egress: string[];
  @IsOptional() @IsObject() ticketing?: TicketingOptions;
  @IsOptional() @IsArray() @Matches(ID, { each: true }) companies?: string[];
  @IsOptional() @IsArray() @Matches(ID, { each: true }) contracts?: string[];
}
