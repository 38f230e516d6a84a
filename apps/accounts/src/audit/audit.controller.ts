import { Caller, encodeCursor, type Page, pageOf, type Principal, Roles, WholePartner } from '@backhaul/http';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { afterNumber } from '../paging.js';
import { AuditRepository } from './audit.repository.js';
import { CheckAudit } from './check-audit.js';
import {
  AuditEntriesOut,
  AuditEntryOut,
  auditEntryOut,
  AuditQuery,
  verdictOut,
  VerdictOut,
} from './audit.types.js';

/** Who did what, for whom and from where. */
@ApiTags('audit')
@Roles('partner-senior-manager')
@WholePartner()
@Controller('api/v1/audit')
export class AuditController {
  constructor(
    private readonly audit: AuditRepository,
    private readonly checkAudit: CheckAudit,
  ) {}

  @Get()
  @ApiOkResponse({ type: AuditEntriesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, ...filter }: AuditQuery,
  ): Promise<Page<AuditEntryOut>> {
    const rows = await this.audit.page(caller, filter, afterNumber(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return pageOf(items.map(auditEntryOut), last ? encodeCursor([last.seq]) : null);
  }

  /** Walks the chain from its beginning, and compares it with its last anchor. */
  @Get('verify')
  @ApiOkResponse({ type: VerdictOut })
  async verify(@Caller() caller: Principal): Promise<VerdictOut> {
    return verdictOut(await this.checkAudit.check(caller.partnerId));
  }
}
