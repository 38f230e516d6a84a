/** What a newcomer needs to know, printed when all is up. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDir, root, say } from '../toolchain.mjs';
import { publicUrl } from './services.mjs';

/** A job's times become now, so that each paste is a run of its own. */
const curl = (demo, account, file) =>
  `  sed -E "s/((Begin|End)Time\\": \\")[^\\"]*/\\1$(date -u +%FT%TZ)/g" ${file} |
    curl -sS -H 'content-type: application/json' -d @- ${publicUrl('ingestion')}/ingest/duplicati/${account.endpointKeys.duplicati}`;

/** What differs between processes and containers. */
const AS_PROCESSES = {
  examples: join(root, 'docs/examples'),
  logs: join(dataDir, 'logs'),
  keys: join(dataDir, 'demo.json'),
  ending: 'Ctrl-C stops everything; state is kept. npm start -- --reset forgets it.',
};

export function printAddresses({ examples, logs, keys, ending } = AS_PROCESSES) {
  const file = join(dataDir, 'demo.json');
  const demo = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  say(`
Backhaul runs.

  API documentation   ${publicUrl('gateway')}/docs   (asks for the Partner API login below)
  REST API            ${publicUrl('gateway')}/api/v1
  Agents report to    ${publicUrl('ingestion')}
  Tickets, live       ${publicUrl('psa-simulator')}/   (the simulated ConnectWise and Autotask)
  Mail                ${process.env.SMTP_URL || process.env.SMTP_URL_FILE ? 'goes out by SMTP_URL' : 'waits in the database of notifications until SMTP_URL is set'}
  Logs                ${logs}`);
  if (!demo?.accounts.length) return;
  const [acme, globex] = demo.accounts;
  const failure = join(examples, 'duplicati-failure.json');
  const success = join(examples, 'duplicati-success.json');
  const manager = demo.logins.find(({ role }) => role === 'partner-senior-manager');
  say(`  Log in as           ${manager.username} / ${manager.password}   (Senior Manager)
  Partner API         ${demo.partnerApi.username} / ${demo.partnerApi.password}   (Basic; the documentation asks for it)
  API key             ${demo.apiKey}
  All keys, logins    ${keys}

A backup of ACME Corp fails; a ticket opens in ConnectWise:
${curl(demo, acme, failure)}

It works again; the same ticket closes with a note:
${curl(demo, acme, success)}

The same for Globex, whose tickets are in Autotask:
${curl(demo, globex, failure)}
${curl(demo, globex, success)}

What became of it:
  curl -sS '${publicUrl('gateway')}/api/v1/events?limit=5' -H 'authorization: Bearer ${demo.apiKey}'

${ending}`);
}
