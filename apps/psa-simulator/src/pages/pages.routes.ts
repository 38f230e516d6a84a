import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { humanComplaint, type Simulation } from '../admin/admin.routes.js';
import { PROVIDERS, type Provider } from '../tickets/ticket.js';
import { BadInput, type Input } from '../users/bad-input.js';
import { accountPage, accountsPage, queuesPage } from './autotask.pages.js';
import { boardsPage, companiesPage, companyPage } from './connectwise.pages.js';
import { html } from './html.js';
import { page, wholePage, type Page } from './layout.js';
import { memberPage, membersPage, MEMBERS_AT } from './members.pages.js';
import { reportPage, REPORT_AT } from './report.pages.js';
import { newResourcePage, resourcePage, resourcesPage, RESOURCES_AT } from './resources.pages.js';
import { ticketPage } from './ticket.page.js';

/** No script at all: these pages work by links and forms. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

interface Call {
  params: Record<string, string>;
  query: Record<string, string>;
  form: Input;
}
/** A page, or the path to go on to. */
type Outcome = Page | string | null;

/** What the PSAs' own users would see: records, users, one ticket. */
export function servePages(root: FastifyInstance, simulation: Simulation): void {
  const style = readFileSync(join(import.meta.dirname, '..', '..', 'page', 'pages.css'), 'utf8');
  root.get('/pages.css', async (_, reply) =>
    reply.headers({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' }).send(style),
  );
  root.register(async (app) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    app.addHook('onRequest', async (request, reply) => {
      if (isForeign(request)) await send(reply, page('/', 'Refused', html`<p>The form is of another site.</p>`, 403)); // prettier-ignore
    });
    const get = (path: string, work: (call: Call) => Outcome): void =>
      void app.get(path, (request, reply) => answer(request, reply, work));
    const post = (path: string, work: (call: Call) => Outcome): void =>
      void app.post(path, (request, reply) => answer(request, reply, work));
    recordPages(get, simulation);
    memberPages(get, post, simulation);
    resourcePages(get, post, simulation);
    ticketPages(get, post, simulation);
  });
}

type Serve = (path: string, work: (call: Call) => Outcome) => void;

function recordPages(get: Serve, { store, reports }: Simulation): void {
  get('/psa/connectwise/companies', ({ query }) => companiesPage(query));
  get('/psa/connectwise/companies/:id', ({ params }) => companyPage(Number(params['id']), store, reports));
  get(REPORT_AT, ({ query }) => reportPage(query, reports));
  get('/psa/connectwise/boards', () => boardsPage());
  get('/psa/autotask/companies', ({ query }) => accountsPage(query));
  get('/psa/autotask/companies/:id', ({ params }) => accountPage(Number(params['id']), store));
  get('/psa/autotask/queues', () => queuesPage());
}

function memberPages(get: Serve, post: Serve, { users }: Simulation): void {
  const idOf = ({ params }: Call): number => Number(params['id']);
  get(MEMBERS_AT, () => membersPage(users.members()));
  get(`${MEMBERS_AT}/:id`, (call) => memberPage(users.member(idOf(call))));
  post(MEMBERS_AT, ({ form }) =>
    tried(
      () => `${MEMBERS_AT}/${users.addMember(form).id}`,
      (error) => membersPage(users.members(), { values: form, error }),
    ),
  );
  post(`${MEMBERS_AT}/:id`, (call) => `${MEMBERS_AT}/${users.changeMember(idOf(call), call.form).id}`);
  post(`${MEMBERS_AT}/:id/keys`, (call) =>
    tried(
      () => {
        const { key, privateKey } = users.addKey(idOf(call), call.form);
        const made = { publicKey: key.publicKey, privateKey };
        return memberPage(users.member(idOf(call)), undefined, made);
      },
      (error) => memberPage(users.member(idOf(call)), { values: call.form, error }),
    ),
  );
  post(`${MEMBERS_AT}/:id/keys/:key/delete`, (call) => {
    users.removeKey(idOf(call), Number(call.params['key']));
    return `${MEMBERS_AT}/${idOf(call)}`;
  });
}

function resourcePages(get: Serve, post: Serve, { users }: Simulation): void {
  const idOf = ({ params }: Call): number => Number(params['id']);
  get(RESOURCES_AT, () => resourcesPage(users.resources()));
  get(`${RESOURCES_AT}/new`, () => newResourcePage());
  get(`${RESOURCES_AT}/:id`, (call) => resourcePage(users.resource(idOf(call))));
  post(RESOURCES_AT, ({ form }) =>
    tried(
      () => {
        const { resource, secret } = users.addResource(form);
        return resourcePage(resource, secret);
      },
      (error) => newResourcePage({ values: form, error }),
    ),
  );
  post(`${RESOURCES_AT}/:id`, (call) => `${RESOURCES_AT}/${users.changeResource(idOf(call), call.form).id}`);
  post(`${RESOURCES_AT}/:id/secret`, (call) => {
    const { resource, secret } = users.renewSecret(idOf(call));
    return resourcePage(resource, secret);
  });
}

function ticketPages(get: Serve, post: Serve, simulation: Simulation): void {
  const { store, users } = simulation;
  const shown = (provider: Provider, id: number, complaint: string | null = null): Page | null => {
    const ticket = store.get(provider, id);
    return ticket ? ticketPage(ticket, users.people(provider), complaint) : null;
  };
  for (const provider of PROVIDERS) {
    const path = `/psa/${provider}/tickets`;
    get(`${path}/:id`, ({ params }) => shown(provider, Number(params['id'])));
    post(`${path}/:id`, ({ params, form }) => {
      const id = params['id'] ?? '';
      if (!store.get(provider, Number(id))) return null;
      const complaint = humanComplaint(simulation, { provider, id }, form);
      if (complaint !== null) return shown(provider, Number(id), complaint);
      return store.get(provider, Number(id)) ? `${path}/${id}` : '/';
    });
  }
}

function tried(work: () => Outcome, onBadInput: (error: BadInput) => Page): Outcome {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadInput && error.status !== 404) return onBadInput(error);
    throw error;
  }
}

async function answer(
  { params, query, body }: FastifyRequest,
  reply: FastifyReply,
  work: (call: Call) => Outcome,
): Promise<FastifyReply> {
  const call = { params: strings(params), query: strings(query), form: strings(body) };
  try {
    const outcome = work(call);
    if (typeof outcome === 'string') return await reply.redirect(outcome, 303);
    return await send(reply, outcome ?? notThere());
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return send(reply, error.status === 404 ? notThere() : refused(error));
  }
}

function send(reply: FastifyReply, shown: Page): FastifyReply {
  return reply
    .code(shown.status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .send(wholePage(shown));
}

const notThere = (): Page =>
  page('', 'Not there', html`<p>What you look for is not there, or not there any more.</p>`, 404);

const refused = (error: BadInput): Page =>
  page('', 'Not saved', html`<p class="alert" role="alert">Not saved: ${error.message}.</p>`, error.status);

/** A form that another site's page posts; a program names no origin. */
function isForeign({ method, headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function strings(values: unknown): Record<string, string> {
  const entries = typeof values === 'object' && values !== null ? Object.entries(values) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
} // prettier-ignore
