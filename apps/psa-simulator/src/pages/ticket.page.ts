import { HUMAN_ACTIONS } from '../admin/human-actions.js';
import { ticketOut } from '../admin/ticket-out.js';
import type { SimChange, SimTicket, TicketChange } from '../tickets/ticket.js';
import { choiceField, NOTHING_TYPED } from './forms.js';
import { html, type Markup } from './html.js';
import { facts, NAMES, page, table, time, type Page } from './layout.js';

const ACTION_NAMES: Record<(typeof HUMAN_ACTIONS)[number], string> = {
  close: 'Close',
  reopen: 'Reopen',
  note: 'Add note',
  move: 'Move to another board or queue',
  merge: 'Merge into',
  child: 'Make child of',
  project: 'Convert to a project ticket',
  delete: 'Delete',
};
const FIELD_NAMES: Partial<Record<TicketChange['field'], string>> = {
  summary: 'Summary',
  companyId: 'Company',
  boardId: 'Board or queue',
  statusId: 'Status',
  priorityId: 'Priority',
  marker: 'External reference',
  mergedInto: 'Merged into',
  parentId: 'Parent',
  isProject: 'Project ticket',
};

/** @param people who may work in this PSA; @param complaint of what was just tried, or null */
export function ticketPage(ticket: SimTicket, people: string[], complaint: string | null = null): Page {
  const out = ticketOut(ticket);
  const provider = ticket.provider;
  const body = html`${complaint !== null && html`<p class="alert" role="alert">Not done: ${complaint}.</p>`}
    <p class="${ticket.isClosed ? 'closed' : ''}"><span class="state">${ticket.isClosed ? 'Closed' : 'Open'}</span> · ${NAMES[provider]} #${ticket.number}</p>
    ${facts([
      ['Company', html`<a href="/psa/${provider}/companies/${ticket.companyId}">${out.companyName ?? ticket.companyId}</a>`],
      ['Status', out.status],
      ['Board or queue', out.board],
      ['Priority', out.priority],
      ['External reference', ticket.marker !== null && html`<code>${ticket.marker}</code>`],
      ['Merged into', ticketLink(ticket, ticket.mergedInto)],
      ['Parent', ticketLink(ticket, ticket.parentId)],
      ['Created', time(ticket.createdAt)],
      ['Updated', time(ticket.updatedAt)],
      ['Closed', ticket.closedAt !== null && time(ticket.closedAt)],
    ])}
    <h2>Description</h2>
    ${ticket.description === '' ? html`<p class="empty">None.</p>` : html`<pre>${ticket.description}</pre>`}
    <h2>Notes</h2>
    ${notes(ticket)}
    <h2>History</h2>
    ${table('History', ['When', 'Who', 'What'], ticket.history.toReversed().map((change) => historyRow(ticket, change)), 'Nothing is known of it.')}
    ${actionForm(ticket, people)}`;
  return page('/', ticket.summary, body, complaint === null ? 200 : 400);
} // prettier-ignore

function ticketLink({ provider }: SimTicket, id: number | null): Markup | null {
  return id === null ? null : html`<a href="/psa/${provider}/tickets/${id}">${id}</a>`;
}

function notes(ticket: SimTicket): Markup {
  if (ticket.notes.length === 0) return html`<p class="empty">No note.</p>`;
  return html`<ul class="notes">${ticket.notes.map(
    (note) => html`<li>${time(note.createdAt)} · ${note.createdBy}<pre>${note.text}</pre></li>`,
  )}</ul>`; // prettier-ignore
}

function historyRow(ticket: SimTicket, { at, actor, changes }: SimChange): Markup[] {
  const who = `${actor.name} (${actor.kind === 'api' ? 'API user' : 'person'})`;
  return [time(at), html`${who}`, html`${changes.map((change) => html`<div>${wordsOf(ticket, change)}</div>`)}`];
} // prettier-ignore

function wordsOf(ticket: SimTicket, { field, from, to }: TicketChange): string {
  if (field === 'created') return 'Created';
  if (field === 'note') return 'Note added';
  return `${FIELD_NAMES[field] ?? field}: ${valueName(ticket, field, from)} → ${valueName(ticket, field, to)}`;
}

/** The name that an id has today; one that is gone stays an id. */
function valueName(ticket: SimTicket, field: TicketChange['field'], value: TicketChange['from']): string {
  if (value === null || value === undefined) return 'none';
  const names = ticketOut({ ...ticket, [field]: value });
  const name =
    field === 'statusId'
      ? names.status
      : field === 'boardId'
        ? names.board
        : field === 'priorityId'
          ? names.priority
          : field === 'companyId'
            ? names.companyName
            : null;
  return name ?? String(value);
}

function actionForm({ provider, id }: SimTicket, people: string[]): Markup {
  const offered = HUMAN_ACTIONS.filter((action) => action !== 'project' || provider === 'connectwise');
  return html`<section class="card" aria-labelledby="act">
    <h2 id="act">Work on it as a person</h2>
    <form class="fields" method="post" action="/psa/${provider}/tickets/${id}">
      ${choiceField(NOTHING_TYPED, { name: 'as', label: 'Person' }, people.map((name) => [name, name]), people[0])}
      ${choiceField(NOTHING_TYPED, { name: 'action', label: 'Action' }, offered.map((action) => [action, ACTION_NAMES[action]]))}
      <label>Other ticket<input name="into" inputmode="numeric" autocomplete="off" /><span class="hint">To merge into or be child of</span></label>
      <label>Note<textarea name="text" rows="3"></textarea></label>
      <button>Do it</button>
    </form>
  </section>`; // prettier-ignore
}
