/**
 * One good request for each operation that can have one, made of things that were prepared for it, as examples in the
 * document: what is made up seldom gets past the rules behind a shape. Schemathesis asks each once, and varies it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from '../toolchain.mjs';

const KNOWN_WITHIN_MS = 30_000;
const PASSWORD = 'a lamp on the quiet stair';

/** What the run may use up: nothing that another operation needs. */
export async function prepareThings({ gateway, ingestion, apiKey, accounts, connections }, known) {
  const call = async (method, path, body) => {
    const answer = await fetch(`${gateway}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  /** Another service hears of it a moment later. */
  const soon = async (act) => {
    const until = performance.now() + KNOWN_WITHIN_MS;
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (performance.now() > until) throw error;
        await wait(200);
      }
    }
  };
  const [{ custId }] = accounts;
  const account = (username, secret) =>
    call('POST', '/accounts', { custId, username, role: 'power-user', ...secret });
  const own = await account('schema-own', { randomPassword: true });
  await account('schema-login', { password: PASSWORD });
  const doomed = await account('schema-doomed', { randomPassword: true });
  const { custId: doomedCustId } = await call('POST', '/customers', { name: 'Schema doomed' });
  const endpoint = () =>
    soon(() => call('POST', '/endpoints', { agent: 'generic', accountNo: own.accountNo }));
  const [toRotate, doomedEndpoint] = [await endpoint(), await endpoint()];
  const { id: brandId } = await call('GET', '/brands');
  const part = await call('POST', '/brands', { name: 'Schema part', parentId: brandId });
  const rule = {
    name: 'Schema rule',
    action: 'email',
    severities: { ok: false, warning: true, error: true },
    allEventTypes: true,
  };
  const [kept, doomedRule] = [
    await call('POST', '/notification-rules', rule),
    await call('POST', '/notification-rules', rule),
  ];
  const search = { name: 'Schema search', kind: 'search-backupsets', all: [], columns: ['agent', 'status'] };
  const [keptSearch, doomedSearch] = [
    await call('POST', '/saved-searches', search),
    await call('POST', '/saved-searches', search),
  ];
  const handler = {
    name: 'Schema handler',
    source: { kind: 'event', severities: ['ERROR'] },
    condition: { all: [{ field: 'message', operator: 'like', term: '?*' }] },
    actions: [
      { kind: 'email', to: ['desk@schema.example'] },
      { kind: 'webhook', url: 'https://hooks.example/schema' },
    ],
  };
  const [keptHandler, doomedHandler] = [
    await call('POST', '/event-handlers', handler),
    await call('POST', '/event-handlers', handler),
  ];
  const { key } = await soon(() => call('POST', '/endpoints', { agent: 'duplicati', custId }));
  for (const host of ['Stranger one', 'Stranger two']) await reportOf(ingestion, key, host);
  const strangers = await soon(async () => {
    const { items } = await call('GET', '/unassigned-results');
    if (items.length < 2) throw new Error('Results without an account did not appear.');
    return items.map(({ id }) => id);
  });
  const [eventId] = known.events;
  const { operationId } = await soon(() => call('POST', `/events/${known.events.at(-1)}/reprocess`));
  return { search, keptSearch, doomedSearch, own, doomed, doomedCustId, toRotate, doomedEndpoint, brandId, part, rule, kept, doomedRule, handler, keptHandler, doomedHandler, strangers, eventId, operationId, accounts, known, connections }; // prettier-ignore
}

async function reportOf(ingestion, key, host) {
  const report = JSON.parse(readFileSync(join(root, 'docs/examples/duplicati-failure.json'), 'utf8'));
  const answer = await fetch(`${ingestion}/ingest/duplicati/${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...report, Extra: { ...report.Extra, 'machine-id': host, 'machine-name': host } }),
  });
  if (!answer.ok) throw new Error(`A report was answered ${answer.status}.`);
}

/** By operation: values of its parameters, and its body. */
function examplesOf(things) {
  const { search, keptSearch, doomedSearch, own, doomed, doomedCustId, toRotate, doomedEndpoint, brandId, part, rule, kept, doomedRule, handler, keptHandler, doomedHandler, strangers, eventId, operationId, accounts, known, connections } = things; // prettier-ignore
  const no = own.accountNo;
  const [{ custId }] = accounts;
  return {
    'DELETE /accounts/{no}': { no: doomed.accountNo },
    'DELETE /accounts/{no}/mfa': { no },
    'DELETE /accounts/{no}/sessions': { no },
    'DELETE /customers/{custId}': { custId: doomedCustId },
    'DELETE /endpoints/{id}': { id: doomedEndpoint.id },
    'DELETE /event-handlers/{id}': { id: doomedHandler.id },
    'DELETE /notification-rules/{id}': { id: doomedRule.id },
    'DELETE /saved-searches/{id}': { id: doomedSearch.id },
    'GET /accounts/{no}': { no },
    'GET /accounts/{no}/events': { no },
    'GET /accounts/{no}/notification-options': { no },
    'GET /accounts/{no}/schedule': { no },
    'GET /brands/{id}': { id: part.id },
    'GET /customers/{custId}': { custId },
    'GET /endpoints/{id}': { id: toRotate.id },
    'GET /endpoints/{id}/snippets': { id: toRotate.id },
    'GET /event-handlers/{id}': { id: keptHandler.id },
    'GET /event-handlers/{id}/runs': { id: keptHandler.id },
    'GET /events/{id}': { id: eventId },
    'GET /events/{id}/notifications': { id: eventId },
    'GET /incidents/{id}': { id: known.incidents[0] },
    'GET /notification-rules/{id}': { id: kept.id },
    'GET /operations/{id}': { id: operationId },
    'GET /saved-searches/{id}': { id: keptSearch.id },
    'GET /saved-searches/{id}/results': { id: keptSearch.id },
    'GET /saved-searches/{id}/results.csv': { id: keptSearch.id },
    'PATCH /accounts/{no}': { no, body: { hostName: 'SCHEMA-01' } },
    'PATCH /brands/{id}': { id: part.id, body: { name: 'Schema part, renamed', requireSecondFactor: null } },
    'PATCH /customers/{custId}': { custId, body: { name: 'ACME' } },
    'POST /accounts': { body: { custId, username: 'schema-made', randomPassword: true } },
    'POST /accounts/{no}/password': { no, body: { randomPassword: true } },
    'POST /brand-change-requests': { body: { kind: 'conversion', brandId: part.id } },
    'POST /brands': { body: { name: 'Schema brand', parentId: brandId } },
    'POST /customers': { body: { name: 'Schema customer' } },
    'POST /endpoints': { body: { agent: 'generic', accountNo: no } },
    'POST /endpoints/{id}/rotate': { id: toRotate.id, body: { overlapHours: 1 } },
    'POST /event-handlers': { body: handler },
    'POST /event-handlers/{id}/rotate-secret': { id: keptHandler.id },
    'POST /events/search': { body: { all: [] } },
    'POST /events/{id}/reprocess': { id: eventId },
    'POST /notification-rules': { body: rule },
    'POST /saved-searches': { body: search },
    'POST /session': { body: { username: 'schema-login', password: PASSWORD } },
    'POST /unassigned-results/{id}/assign': { id: strangers[0], body: { accountNo: no } },
    'POST /unassigned-results/{id}/discard': { id: strangers[1] },
    'PUT /accounts/{no}/notification-options': {
      no,
      body: { options: [{ key: 'backup.completed', on: true }] },
    },
    'PUT /accounts/{no}/role': { no, body: { role: 'partner-read-only' } },
    'PUT /accounts/{no}/schedule': { no, body: { mode: 'set', times: { everyHours: 24 } } },
    'PUT /event-handlers/{id}': { id: keptHandler.id, body: { ...handler, name: 'Schema handler, renamed' } },
    'PUT /notification-rules/{id}': { id: kept.id, body: { ...rule, name: 'Schema rule, renamed' } },
    'PUT /saved-searches/{id}': { id: keptSearch.id, body: { ...search, name: 'Schema search, renamed' } },
    'PUT /psa/{provider}/connection': { provider: 'connectwise', body: connections.connectwise },
  };
}

/** The document with these examples, every one of which must be of an operation that it has. */
export function withExamples(document, things) {
  for (const [name, { body, ...values }] of Object.entries(examplesOf(things))) {
    const [method, path] = name.split(' ');
    const operation = document.paths[`/api/v1${path}`]?.[method.toLowerCase()];
    if (!operation) throw new Error(`${name} is in no document any more.`);
    for (const parameter of operation.parameters ?? [])
      if (parameter.in === 'path') parameter.example = values[parameter.name];
      else if (parameter.name.toLowerCase() === 'if-match') parameter.example = '*';
    if (body !== undefined) operation.requestBody.content['application/json'].example = body;
  }
  return document;
}
