/** What the demo partner really has, so that requests reach past the first 404 and 412. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from '../toolchain.mjs';

const KNOWN_WITHIN_MS = 30_000;
/** How often an id is a known one; else it is made up. */
const HOW_OFTEN = 0.7;

/** Which list names the `{id}` of which addresses. */
const LISTS = {
  'notification-rules': '/notification-rules',
  'event-handlers': '/event-handlers',
  endpoints: '/endpoints',
  brands: '/brands',
  events: '/events',
  incidents: '/incidents',
  lanes: '/lanes',
  'saved-searches': '/saved-searches',
};

/** A failed backup of each account, so that there are events, incidents and lanes. */
async function reportFailures({ ingestion, accounts }) {
  const now = new Date().toISOString();
  const report = readFileSync(join(root, 'docs/examples/duplicati-failure.json'), 'utf8').replace(
    /((?:Begin|End)Time": ")[^"]*/g,
    `$1${now}`,
  );
  for (const { endpointKeys } of accounts) {
    const answer = await fetch(`${ingestion}/ingest/duplicati/${endpointKeys.duplicati}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: report,
    });
    if (!answer.ok) throw new Error(`A report was answered ${answer.status}.`);
  }
}

/** One of each kind. */
async function saveSearches({ gateway, apiKey }) {
  const kinds = [
    'customers-ahsay',
    'customers-asigra',
    'backupsets',
    'backupjobs',
    'shadowprotect-volumes',
    'servers',
  ];
  for (const name of kinds) {
    const answer = await fetch(`${gateway}/api/v1/saved-searches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, kind: `search-${name}`, all: [] }),
    });
    if (!answer.ok) throw new Error(`A search was answered ${answer.status}.`);
  }
}

async function idsOf({ gateway, apiKey }, path) {
  const answer = await fetch(`${gateway}/api/v1${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
  if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}.`);
  const body = await answer.json();
  const items = Array.isArray(body) ? body : (body.items ?? [body]);
  return items.map((item) => String(item.id ?? item.eventId ?? item.key));
}

async function eventually(act) {
  const until = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    const found = await act();
    if (found.length > 0) return found;
    if (performance.now() > until) throw new Error('What was reported did not appear within 30 s.');
    await wait(200);
  }
}

/** Dictionaries of ids, by name. */
export async function knownThings(demo) {
  await reportFailures(demo);
  await saveSearches(demo);
  const known = {
    custId: demo.accounts.map(({ custId }) => String(custId)),
    no: demo.accounts.map(({ accountNo }) => String(accountNo)),
    provider: ['connectwise', 'autotask'],
    etag: ['*'],
  };
  for (const [name, path] of Object.entries(LISTS)) known[name] = await eventually(() => idsOf(demo, path));
  return known;
}

/** The settings file of Schemathesis. What is deleted is never a known thing: the rest of the run needs it. */
export function settingsFor(known) {
  const bind = (parameter, name) => `"${parameter}" = { dictionary = "${name}", probability = ${HOW_OFTEN} }`;
  const dictionaries = Object.entries(known).map(
    ([name, ids]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(ids)}\n`,
  );
  const methods = '["GET", "POST", "PUT", "PATCH"]';
  const general = `[[operations]]\ninclude-method = ${methods}\n[operations.parameters]\n${[
    bind('path.custId', 'custId'),
    bind('path.no', 'no'),
    bind('path.provider', 'provider'),
    bind('header.If-Match', 'etag'),
  ].join('\n')}\n`;
  const byList = Object.keys(LISTS).map(
    (name) =>
      `[[operations]]\ninclude-method = ${methods}\ninclude-path-regex = "/${name}/"\n[operations.parameters]\n${[
        bind('path.id', name),
        bind('header.If-Match', 'etag'),
      ].join('\n')}\n`,
  );
  return [...dictionaries, ...byList, general].join('\n');
}
