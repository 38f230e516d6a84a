import { COMPANIES, type ReportRow } from '../connectwise/connectwise.data.js';
import type { ReportStore } from '../connectwise/report-store.js';
import { COMPANIES_AT, fits } from './connectwise.pages.js';
import { html, type Shown } from './html.js';
import { page, paged, searchForm, type Page } from './layout.js';
import { reportTable } from './report-table.js';

export const REPORT_AT = '/psa/connectwise/management-report';

const nameOf = ({ companyId }: ReportRow): string =>
  COMPANIES.find(({ id }) => id === companyId)?.name ?? String(companyId);

/** What the executive report prints, company by company. */
export function reportPage(query: Record<string, string>, reports: ReportStore): Page {
  const sought = query['q'] ?? '';
  const found = reports.all().filter((row) => fits(sought, [row.groupIdentifier, nameOf(row)]));
  const { shown, pager } = paged(found, REPORT_AT, query);
  const cell = (row: ReportRow): Shown => html`<a href="${COMPANIES_AT}/${row.companyId}">${nameOf(row)}</a>`;
  const body = html`${searchForm(REPORT_AT, sought, 'Company or managed ID')}
  ${reportTable(shown, 'No entry fits.', { head: 'Company', cell })}${pager}`;
  return page(REPORT_AT, 'Management report', body);
}
