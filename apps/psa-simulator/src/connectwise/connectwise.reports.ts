import { systemClock, type Clock } from '@backhaul/domain';
import { vendorTime } from '../tickets/ticket.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import type { Switches } from '../vendor/switches.js';
import type { VendorRecord } from './condition-match.js';
import { notFound, Refusal } from './connectwise.answers.js';
import { COMPANIES, type ReportRow } from './connectwise.data.js';
import { pageAnswer, readConditions, selected } from './connectwise.lists.js';
import { patchedFields } from './connectwise.patch.js';
import { objectOf, unreadable, type MemberRequest } from './connectwise.request.js';
import type { ReportStore } from './report-store.js';
import { changedRow, ENTITY, REPORT_PATHS } from './report-row.js';

const KNOWN_FIELDS = new Set(['id', 'company', '_info', ...REPORT_PATHS.settable.map((name) => name.toLowerCase())]); // prettier-ignore

/** The Management report of a company, entry by entry. The vendor neither makes entries by itself nor keeps them apart. */
export class ConnectWiseReports {
  constructor(
    private readonly store: ReportStore,
    private readonly switches: Switches,
    private readonly clock: Clock = systemClock,
  ) {}

  list(request: MemberRequest, companyId: number): Answer {
    return pageAnswer(request, this.search(request, companyId));
  }

  count(request: MemberRequest, companyId: number): Answer {
    return jsonAnswer(200, { count: this.search(request, companyId).length });
  }

  get(companyId: number, id: number): Answer {
    return jsonAnswer(200, reportRecord(this.rowOf(companyId, id)));
  }

  create(request: MemberRequest, companyId: number): Answer {
    needCompany(companyId);
    const empty = { id: 0, companyId, groupIdentifier: '', deviceType: null, managementSolution: null };
    const row = changedRow(empty, objectOf(request, ENTITY));
    return jsonAnswer(201, this.saved(request, { ...row, id: this.store.newId() }));
  }

  patch(request: MemberRequest, companyId: number, id: number): Answer {
    const row = this.rowOf(companyId, id);
    if (request.hasInvalidJson) throw unreadable(ENTITY);
    const fields = patchedFields(request.body, this.switches.connectwisePatchPaths, REPORT_PATHS);
    return jsonAnswer(200, this.saved(request, changedRow(row, fields)));
  }

  delete(companyId: number, id: number): Answer {
    this.store.delete(this.rowOf(companyId, id).id);
    return emptyAnswer(204);
  }

  private saved({ member }: MemberRequest, row: ReportRow): VendorRecord {
    const updatedAt = vendorTime(this.clock.now());
    return reportRecord(this.store.put({ ...row, updatedAt, updatedBy: member.identifier }));
  }

  private rowOf(companyId: number, id: number): ReportRow {
    needCompany(companyId);
    const row = this.store.ofCompany(companyId).find((candidate) => candidate.id === id);
    if (!row) throw new Refusal(notFound(`Management summary ${id}`));
    return row;
  }

  private search({ query }: MemberRequest, companyId: number): VendorRecord[] {
    needCompany(companyId);
    const records = this.store.ofCompany(companyId).map(reportRecord);
    return selected(records, readConditions(query['conditions']), KNOWN_FIELDS);
  }
}

function needCompany(companyId: number): void {
  if (!COMPANIES.some(({ id }) => id === companyId)) throw new Refusal(notFound(`Company ${companyId}`));
}

/** An entry as the API returns it: nulls are left out. */
function reportRecord({ companyId, figures, updatedAt, updatedBy, ...row }: ReportRow): VendorRecord {
  const company = COMPANIES.find(({ id }) => id === companyId);
  const record = {
    ...row,
    ...figures,
    company: company && { id: company.id, identifier: company.identifier, name: company.name },
    _info: {
      lastUpdated: updatedAt ?? '2026-01-01T00:00:00Z',
      ...(updatedBy !== undefined && { updatedBy }),
    },
  };
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}
