import { Caller, decodeCursor, encodeCursor, type Page, pageOf, type Principal, Roles } from '@backhaul/http';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ExecutiveReportRepository } from './executive-report.repository.js';
import { type ExecutiveOut, ExecutiveQuery, ExecutivesOut } from './executive.types.js';

/** What the Management report of the PSA says of each customer, or would (E3, E46). */
@ApiTags('billing')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller('api/v1/reports/executive')
export class ExecutiveController {
  constructor(private readonly reports: ExecutiveReportRepository) {}

  /** Customers by their Cust. ID. */
  @Get()
  @ApiOkResponse({ type: ExecutivesOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor, total, custId }: ExecutiveQuery,
  ): Promise<Page<ExecutiveOut>> {
    const after = cursor === undefined ? 0 : Number(decodeCursor(cursor)[0]);
    const rows = await this.reports.page(caller, custId, after, limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const count = total ? await this.reports.count(caller, custId) : undefined;
    return pageOf(items, last ? encodeCursor([last.custId]) : null, count);
  }
}
