import { ticketOut } from '../admin/ticket-out.js';
import type { SimTicket } from '../tickets/ticket.js';
import { html, type Markup } from './html.js';
import { table, time } from './layout.js';

const SHOWN = 50;

/** The newest tickets of one company. */
export function ticketTable(tickets: SimTicket[]): Markup {
  const newest = tickets.toSorted((a, b) => b.id - a.id).slice(0, SHOWN);
  const rows = newest
    .map(ticketOut)
    .map((ticket) => [
      html`<a href="/psa/${ticket.provider}/tickets/${ticket.id}">#${ticket.number}</a>`,
      ticket.summary,
      ticket.status,
      ticket.board,
      time(ticket.createdAt),
    ]);
  const more = tickets.length > SHOWN && html`<p>The newest ${SHOWN} of ${tickets.length}.</p>`;
  return html`${table('Tickets', ['Ticket', 'Summary', 'Status', 'Board or queue', 'Created'], rows, 'No ticket.')}${more}`;
}
