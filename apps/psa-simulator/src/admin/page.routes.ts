import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const FILES = { 'index.html': 'text/html', 'page.css': 'text/css', 'page.js': 'text/javascript' };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page for people, and the links by which a PSA's tickets are opened. */
export function servePage(app: FastifyInstance): void {
  const folder = join(import.meta.dirname, '..', '..', 'page');
  for (const [name, type] of Object.entries(FILES)) {
    const body = readFileSync(join(folder, name), 'utf8');
    const headers = {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    };
    app.get(name === 'index.html' ? '/' : `/${name}`, async (_, reply) => reply.headers(headers).send(body));
  }
  app.get<{ Querystring: Record<string, string> }>(
    '/connectwise/v4_6_release/services/system_io/Service/fv_sr100_request.rails',
    async ({ query }, reply) =>
      reply.redirect(`/psa/connectwise/tickets/${encodeURIComponent(query['service_recid'] ?? '')}`),
  );
  app.get<{ Querystring: Record<string, string> }>(
    '/autotask/Autotask/AutotaskExtend/ExecuteCommand.aspx',
    async ({ query }, reply) =>
      reply.redirect(`/psa/autotask/tickets/${encodeURIComponent(query['TicketID'] ?? '')}`),
  );
}
