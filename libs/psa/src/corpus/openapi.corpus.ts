import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Marker, Secret } from '@backhaul/domain';
import { createEgressDispatcher } from '../egress/egress.dispatcher.js';
import { createSetupPort, createStatisticsPort, createTicketPort } from '../providers.js';
import type { SetupPort } from '../setup-port.js';
import type { NewTicket, TicketPort, TicketPortOptions, TicketingOptions } from '../ticket-port.js';
import type { ContractDocument } from './contract.document.js';
import { RequestCheck, type RecordedRequest } from './request-check.js';
import { SIMULATOR_ENTRY, startSimulatorProcess } from './simulator.process.js';

const CONTRACT = join('contracts', 'connectwise-manage.openapi.json');

const portOn = (siteUrl: string, ticketing: TicketingOptions): TicketPort =>
  createTicketPort('connectwise', optionsOf(siteUrl, ticketing));

function optionsOf(siteUrl: string, ticketing: TicketingOptions): TicketPortOptions {
  return {
    endpoint: { siteUrl, companyId: 'demo', publicKey: 'demoPublicKey', solutionName: 'Backhaul' },
    secret: new Secret({ privateKey: 'demoPrivateKey' }),
    ticketing,
    dispatcher: createEgressDispatcher({ allow: ['127.0.0.1/32'] }),
  };
}

/** All that those who set a connection up can ask. */
async function driveSetup(setup: SetupPort, signal: AbortSignal): Promise<void> {
  const ticketing = { boardId: 14, newStatusId: 202, completeStatusId: 204, priorityId: 6 };
  for (const what of setup.lookups) await setup.list(what, { boardId: 14, companyId: '250' }, signal);
  await setup.companies(['250', '251'], signal);
  await setup.contracts(['81'], signal);
  await setup.linkFindings([{ custId: 34826, companyId: '250' }], signal);
  // Reaching out asks the login page, which is no part of the contract.
  const asking = setup.diagnose(ticketing).filter(({ name }) => name !== 'reach');
  for (const { run } of asking) await run(signal);
  await setup.checkSettings({ newStatusId: 202 }, signal);
}

function ticket(overrides: Partial<NewTicket> = {}): NewTicket {
  return {
    marker: 'BKCORPUSCORPUS0000' as Marker,
    companyId: '250',
    summary: 'Backup failed on SRV-01',
    description: 'Customer: ACME Corp\nSeverity: ERROR\nThe disk is full.',
    severity: 'ERROR',
    ...overrides,
  };
}

/** Everything that the client can be asked for, in every form that changes what it sends. */
async function drive(siteUrl: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const plain = portOn(siteUrl, {});
  const chosen = portOn(siteUrl, {
    boardId: 14,
    newStatusId: 202,
    completeStatusId: 204,
    priorityId: 6,
    subjectPrefix: '[BFF]',
  });
  await plain.testConnection(signal);
  const first = await plain.create(ticket(), signal);
  await chosen.create(ticket({ severity: 'WARNING', summary: 'word '.repeat(100) }), signal);
  await chosen.create(
    ticket({ severity: 'OK', summary: '"quoted" & 100 % +1 <b>', description: '' }),
    signal,
  );
  for (const marker of ['BKCORPUSCORPUS0000', 'a "quoted" \\ [text] & 100 % +1'])
    await plain.findByMarker(marker, signal);
  await plain.get(first.id, signal);
  await plain.addNote(first.id, 'It failed again.\nSecond line.', signal);
  await plain.addNote(first.id, 'It failed again.\nSecond line.', signal, { isRetry: true });
  await plain.close(first.id, 'It is well again.', signal);
  await plain.reopen(first.id, 'It failed once more.', signal);
  await driveSetup(createSetupPort('connectwise', optionsOf(siteUrl, {})), signal);
  const figures = { successfulBackupJobs: 41, failedBackupJobs: 2 };
  const link = { custId: 34826, companyId: '250' };
  const pushed = await createStatisticsPort('connectwise', optionsOf(siteUrl, {}))?.push(
    link,
    figures,
    signal,
  );
  if (pushed?.state !== 'pushed') throw new Error('the statistics of the demo company were not pushed');
}

async function main(folder: string | undefined, entry: string = SIMULATOR_ENTRY): Promise<number> {
  if (folder === undefined) throw new Error('usage: openapi.corpus.js <folder> [simulator entry]');
  const check = new RequestCheck(
    JSON.parse(await readFile(join(folder, CONTRACT), 'utf8')) as ContractDocument,
  );
  const simulator = await startSimulatorProcess({ entry });
  try {
    await drive(`${simulator.url}/connectwise`);
    const { items } = (await simulator.admin('GET', '/admin/requests?provider=connectwise')) as {
      items: RecordedRequest[];
    };
    const results = items.map((request) => ({ request, problems: check.problemsOf(request) }));
    for (const { request, problems } of results) {
      const verdict = problems.length === 0 ? 'ok    ' : 'FAILED';
      console.log([`${verdict} ${request.method} ${request.path}`, ...problems].join('\n       '));
    }
    const failed = results.filter(({ problems }) => problems.length > 0).length;
    console.log(`${results.length - failed} passed, ${failed} failed`);
    return failed === 0 && results.length > 0 ? 0 : 1;
  } finally {
    await simulator.close();
  }
}

process.exitCode = await main(process.argv[2], process.argv[3]);
