import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ReportStore } from '../connectwise/report-store.js';
import { BadFault } from '../faults/fault.js';
import type { FaultRegister } from '../faults/fault-register.js';
import type { RequestLog } from '../requests/request-log.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import { BadInput } from '../users/bad-input.js';
import type { UserStore } from '../users/user-store.js';
import { PROVIDERS, type Provider, type SimTicket } from '../tickets/ticket.js';
import { DEFAULT_SWITCHES, type Switches } from '../vendor/switches.js';
import { changeCatalogue, resetCatalogue } from './catalogue.js';
import { actAsHuman, HUMAN_ACTIONS } from './human-actions.js';
import { reportOut } from './report-out.js';
import { ticketOut } from './ticket-out.js';

export interface Simulation {
  store: TicketStore;
  users: UserStore;
  reports: ReportStore;
  faults: FaultRegister;
  log: RequestLog;
  switches: Switches;
}

interface OneTicket {
  Params: { provider: string; id: string };
  Body: unknown;
}

/** Does what a person asks for, from `{ action, into?, text?, as? }`. Returns a complaint, or null when it is done. */
export function humanComplaint(
  { store, users }: Simulation,
  params: OneTicket['Params'],
  { action, into, text, as }: Record<string, unknown>,
): string | null {
  const wanted = HUMAN_ACTIONS.find((candidate) => candidate === action);
  const provider = PROVIDERS.find((candidate) => candidate === params.provider);
  if (!wanted || !provider) return `action: one of ${HUMAN_ACTIONS.join(', ')}`;
  try {
    const actor = users.personOf(provider, typeof as === 'string' ? as : undefined);
    return actAsHuman(store, provider, Number(params.id), {
      action: wanted,
      into: into === undefined || into === '' ? null : Number(into),
      text: typeof text === 'string' ? text : '',
      actor,
    });
  } catch (error) {
    if (error instanceof BadInput) return error.message;
    throw error;
  }
}

/** The operator's own API; the vendors know nothing of it. */
export function serveAdmin(app: FastifyInstance, simulation: Simulation): void {
  const { store, users, reports, faults, log, switches } = simulation;
  app.get<{ Querystring: Record<string, string> }>('/admin/tickets', async ({ query }) => {
    const found = ticketsFor(store, query);
    const limit = Number(query['limit'] ?? found.length);
    const newest = query['order'] === 'newest' ? found.toReversed() : found;
    return { items: newest.slice(0, limit).map(ticketOut), total: found.length };
  });
  app.get<OneTicket>('/admin/tickets/:provider/:id', async ({ params }, reply) => {
    const provider = PROVIDERS.find((candidate) => candidate === params.provider);
    const ticket = provider && store.get(provider, Number(params.id));
    if (!ticket) return reply.code(404).send({ message: 'no such ticket' });
    return { ...ticketOut(ticket), history: ticket.history };
  });
  app.post<OneTicket>('/admin/tickets/:provider/:id', async ({ params, body }, reply) => {
    const complaint = humanComplaint(simulation, params, fieldsOf(body));
    return complaint === null ? reply.code(204).send() : complain(reply, complaint);
  });
  serveCatalogue(app);
  app.get('/admin/connectwise/management-reports', async () => ({ items: reports.all().map(reportOut) }));
  app.get('/admin/faults', async () => ({ items: faults.list() }));
  app.post('/admin/faults', async ({ body }, reply) => {
    try {
      return await reply.code(201).send(faults.add(body));
    } catch (error) {
      if (error instanceof BadFault) return complain(reply, error.message);
      throw error;
    }
  });
  app.delete<{ Querystring: Record<string, string> }>('/admin/faults', async ({ query }, reply) => {
    faults.clear({
      ...(query['id'] === undefined ? {} : { id: Number(query['id']) }),
      ...(query['provider'] === undefined ? {} : { provider: query['provider'] }),
    });
    return reply.code(204).send();
  });
  app.get<{ Querystring: Record<string, string> }>('/admin/requests', async ({ query }) => ({
    items: log.list({
      ...(query['provider'] === undefined ? {} : { provider: query['provider'] }),
      ...(query['operation'] === undefined ? {} : { operation: query['operation'] }),
      after: Number(query['after'] ?? 0),
    }),
  }));
  app.get('/admin/switches', async () => switches);
  app.put('/admin/switches', async ({ body }) => Object.assign(switches, knownSwitches(body)));
  app.post('/admin/reset', async (_, reply) => {
    store.reset();
    users.reset();
    faults.clear();
    log.clear();
    resetCatalogue();
    reports.reset();
    Object.assign(switches, DEFAULT_SWITCHES);
    return reply.code(204).send();
  });
}

/** What the tenant's own administrators change: names, what is active, what is gone. */
function serveCatalogue(app: FastifyInstance): void {
  type Row = { Params: { provider: string; list: string; id: string }; Body: unknown };
  const path = '/admin/catalogue/:provider/:list/:id';
  app.patch<Row>(path, async ({ params: { provider, list, id }, body }, reply) => {
    const complaint = changeCatalogue(provider, list, id, fieldsOf(body));
    return complaint === null ? reply.code(204).send() : complain(reply, complaint);
  });
  app.delete<Row>(path, async ({ params: { provider, list, id } }, reply) => {
    const complaint = changeCatalogue(provider, list, id, null);
    return complaint === null ? reply.code(204).send() : complain(reply, complaint);
  });
}

function ticketsFor(store: TicketStore, query: Record<string, string>): SimTicket[] {
  const wanted = PROVIDERS.filter(
    (provider) => query['provider'] === undefined || query['provider'] === provider,
  );
  const marker = query['marker'];
  const of = (provider: Provider): SimTicket[] =>
    marker === undefined ? store.all(provider) : store.withMarker(provider, marker);
  return wanted.flatMap(of).toSorted((a, b) => a.id - b.id);
}

function knownSwitches(body: unknown): Partial<Switches> {
  const names = Object.keys(DEFAULT_SWITCHES);
  return Object.fromEntries(Object.entries(fieldsOf(body)).filter(([name]) => names.includes(name)));
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

async function complain(reply: FastifyReply, message: string): Promise<FastifyReply> {
  return reply.code(400).send({ message });
}
