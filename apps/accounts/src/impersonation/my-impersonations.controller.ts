import { Caller, encodeCursor, PageQuery, pageOf, type Principal } from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { AuditRepository, type AuditRow } from '../audit/audit.repository.js';
import { afterNumber } from '../paging.js';
import { PersonRepository } from '../people/person.repository.js';
import { ForEverybody } from '../rights.js';

export class MyImpersonationOut {
  /** ISO 8601 UTC: when it began; an hour later it had ended. */
  at: string;
  /** Who acted as this account; null for a login that is gone. */
  @ApiProperty({ type: String, nullable: true }) byUsername: string | null;
  reason: string;
}

export class MyImpersonationsOut {
  @ApiProperty({ type: MyImpersonationOut, isArray: true }) items: MyImpersonationOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

/** Who acted as the account that asks, and why: nobody is impersonated without being able to read of it. */
@ApiTags('me')
@ForEverybody()
@Controller('api/v1/me/impersonations')
export class MyImpersonationsController {
  constructor(
    private readonly audit: AuditRepository,
    private readonly people: PersonRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Newest first; empty for programs. */
  @Get()
  @ApiOkResponse({ type: MyImpersonationsOut })
  async list(
    @Caller() caller: Principal,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<MyImpersonationsOut> {
    if (caller.accountNo === null) return pageOf([], null);
    const filter = { action: 'impersonation.start', target: `account:${caller.accountNo}` };
    const rows = await this.audit.page(caller, filter, afterNumber(cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    const names = await this.namesOf(items);
    return pageOf(
      items.map(({ entry }) => ({
        at: entry.at,
        byUsername: names.get(entry.subject) ?? null,
        reason: reasonOf(entry),
      })),
      last ? encodeCursor([last.seq]) : null,
    );
  }

  private async namesOf(rows: readonly AuditRow[]): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    for (const subject of new Set(rows.map(({ entry }) => entry.subject))) {
      const person = await this.unitOfWork.run((tx) => this.people.ofSubject(subject, tx));
      if (person) names.set(subject, person.username);
    }
    return names;
  }
}

function reasonOf({ detail }: AuditRow['entry']): string {
  const reason = detail?.['reason'];
  return typeof reason === 'string' ? reason : '';
}
