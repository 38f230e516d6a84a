import { COMPANIES, CONTACTS, CONTRACTS } from '../autotask/autotask.data.js';
import { labelOf } from '../autotask/autotask.entities.js';
import {
  NOTE_TYPES,
  PRIORITIES,
  QUEUES,
  STATUSES,
  TICKET_TYPES,
  type PicklistValue,
} from '../autotask/autotask.picklists.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import { fits } from './connectwise.pages.js';
import { html, type Markup } from './html.js';
import { facts, page, paged, searchForm, table, yesNo, type Page } from './layout.js';
import { ticketTable } from './ticket-table.js';

const ACCOUNTS_AT = '/psa/autotask/companies';

export function accountsPage(query: Record<string, string>): Page {
  const sought = query['q'] ?? '';
  const found = COMPANIES.filter(({ id, companyName }) => fits(sought, [String(id), companyName]));
  const { shown, pager } = paged(found, ACCOUNTS_AT, query);
  const rows = shown.map(({ id, companyName, companyType, isActive }) => [
    html`<a href="${ACCOUNTS_AT}/${id}">${companyName}</a>`,
    id,
    labelOf('Companies', 'companyType', companyType),
    yesNo(isActive),
  ]);
  const body = html`${searchForm(ACCOUNTS_AT, sought, 'Name or id')}
  ${table('Accounts', ['Account', 'Account ID', 'Type', 'Active'], rows, 'No account fits.')}${pager}`;
  return page(ACCOUNTS_AT, 'Accounts', body);
}

/** Null where there is no such account. */
export function accountPage(id: number, store: TicketStore): Page | null {
  const account = COMPANIES.find((candidate) => candidate.id === id);
  if (!account) return null;
  const contracts = CONTRACTS.filter(({ companyID }) => companyID === id).map((contract) => [
    contract.contractName,
    labelOf('Contracts', 'contractType', contract.contractType),
    contract.startDate.slice(0, 10),
    contract.endDate.slice(0, 10),
    contract.id,
  ]);
  const contacts = CONTACTS.filter(({ companyID }) => companyID === id).map((contact) => [
    `${contact.firstName} ${contact.lastName}`,
    contact.id,
    yesNo(contact.isActive),
  ]);
  const tickets = store.all('autotask').filter(({ companyId }) => companyId === id);
  const body = html`${facts([
      ['Account ID', account.id],
      ['Type', labelOf('Companies', 'companyType', account.companyType)],
      ['Active', yesNo(account.isActive)],
    ])}
    <h2>Contracts</h2>
    ${table('Contracts', ['Contract', 'Type', 'From', 'To', 'ID'], contracts, 'No contract.')}
    <h2>Contacts</h2>
    ${table('Contacts', ['Contact', 'ID', 'Active'], contacts, 'No contact.')}
    <h2>Tickets</h2>
    ${ticketTable(tickets)}`;
  return page(ACCOUNTS_AT, account.companyName, body);
}

export function queuesPage(): Page {
  const body = html`${[
    picklist('Queues', QUEUES),
    picklist('Ticket statuses', STATUSES),
    picklist('Priorities', PRIORITIES),
    picklist('Ticket types', TICKET_TYPES),
    picklist('Note types', NOTE_TYPES),
  ]}`;
  return page('/psa/autotask/queues', 'Queues and picklists', body);
}

function picklist(name: string, values: PicklistValue[]): Markup {
  const rows = values.map(({ label, value, isDefaultValue, isSystem, isActive }) => [
    label,
    value,
    yesNo(isDefaultValue),
    yesNo(isSystem),
    yesNo(isActive),
  ]);
  return html`<section class="card">
    <h2>${name}</h2>
    ${table(name, ['Label', 'Value', 'Default', 'System', 'Active'], rows, 'No value.')}
  </section>`;
}
