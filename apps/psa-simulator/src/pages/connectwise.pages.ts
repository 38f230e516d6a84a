import {
  AGREEMENTS,
  BOARDS,
  COMPANIES,
  PRIORITIES,
  SOURCES,
  STATUSES,
  TEAMS,
  TYPES,
} from '../connectwise/connectwise.data.js';
import type { ReportStore } from '../connectwise/report-store.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import { html, type Markup } from './html.js';
import { facts, page, paged, searchForm, table, yesNo, type Page } from './layout.js';
import { reportTable } from './report-table.js';
import { ticketTable } from './ticket-table.js';

export const COMPANIES_AT = '/psa/connectwise/companies';

export function companiesPage(query: Record<string, string>): Page {
  const sought = query['q'] ?? '';
  const found = COMPANIES.filter(({ id, identifier, name }) => fits(sought, [String(id), identifier, name]));
  const { shown, pager } = paged(found, COMPANIES_AT, query);
  const rows = shown.map(({ id, identifier, name, deletedFlag }) => [
    html`<a href="${COMPANIES_AT}/${id}">${name}</a>`,
    identifier,
    id,
    deletedFlag ? 'Deleted' : 'Active',
  ]);
  const body = html`${searchForm(COMPANIES_AT, sought, 'Name, identifier or id')}
  ${table('Companies', ['Company', 'Company ID', 'Record', 'Status'], rows, 'No company fits.')}${pager}`;
  return page(COMPANIES_AT, 'Companies', body);
}

/** Null where there is no such company. */
export function companyPage(id: number, store: TicketStore, reports: ReportStore): Page | null {
  const company = COMPANIES.find((candidate) => candidate.id === id);
  if (!company) return null;
  const agreements = AGREEMENTS.filter((agreement) => agreement.company.id === id).map((agreement) => [
    agreement.name,
    agreement.type.name,
    agreement.agreementStatus,
    agreement.id,
  ]);
  const tickets = store.all('connectwise').filter(({ companyId }) => companyId === id);
  const body = html`${facts([
      ['Company ID', company.identifier],
      ['Record', company.id],
      ['Status', company.deletedFlag ? 'Deleted' : 'Active'],
    ])}
    <h2>Management</h2>
    ${reportTable(reports.ofCompany(id), 'No entry. A company is linked by two, that of Workstations and Servers first.')}
    <h2>Agreements</h2>
    ${table('Agreements', ['Agreement', 'Type', 'Status', 'Record'], agreements, 'No agreement.')}
    <h2>Tickets</h2>
    ${ticketTable(tickets)}`;
  return page(COMPANIES_AT, company.name, body);
}

export function boardsPage(): Page {
  const priorities = PRIORITIES.map(({ id, name, sortOrder, defaultFlag }) => [name, id, sortOrder, yesNo(defaultFlag)]); // prettier-ignore
  const sources = SOURCES.map(({ id, name, defaultFlag }) => [name, id, yesNo(defaultFlag)]);
  const body = html`${BOARDS.length === 0 && html`<p class="empty">No board.</p>`} ${BOARDS.map(boardSection)}
    <h2>Priorities</h2>
    ${table('Priorities', ['Priority', 'Record', 'Order', 'Default'], priorities, 'No priority.')}
    <h2>Sources</h2>
    ${table('Sources', ['Source', 'Record', 'Default'], sources, 'No source.')}`;
  return page('/psa/connectwise/boards', 'Service boards', body);
}

function boardSection({ id, name, inactiveFlag }: (typeof BOARDS)[number]): Markup {
  const statuses = STATUSES.filter(({ boardId }) => boardId === id).map((status) => [
    status.name,
    status.id,
    yesNo(status.closedStatus),
    yesNo(status.defaultFlag),
    yesNo(!status.inactive),
  ]);
  const teams = TEAMS.filter(({ boardId }) => boardId === id);
  const types = TYPES.filter(({ boardId }) => boardId === id);
  return html`<section class="card">
    <h2>${name}</h2>
    ${facts([
      ['Record', id],
      ['Active', yesNo(!inactiveFlag)],
      ['Teams', teams.map((team) => `${team.name}${team.defaultFlag ? ' (default)' : ''}`).join(', ') || 'none'],
      ['Types', types.map((type) => type.name).join(', ') || 'none'],
    ])}
    ${table(`Statuses of ${name}`, ['Status', 'Record', 'Closed', 'Default', 'Active'], statuses, 'No status.')}
  </section>`; // prettier-ignore
}

export function fits(sought: string, texts: string[]): boolean {
  return texts.some((text) => text.toLowerCase().includes(sought.trim().toLowerCase()));
}
