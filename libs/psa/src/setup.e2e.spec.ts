import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulatorProcess, type SimulatorProcess } from './corpus/simulator.process.js';
import { startPagingHost } from './testing/paging-host.js';
import { COMPANY, localSetup, localStatistics, patient } from './testing/ports.js';
import type { Choice, Finding, Lookup, SetupPort } from './setup-port.js';
import type { BackupStatistics, PushResult } from './statistics-port.js';
import { PROVIDER_NAMES, type TicketingOptions } from './ticket-port.js';

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterAll(() => simulator.close());
beforeEach(() => simulator.admin('POST', '/admin/reset'));

const change = (path: string, fields: object) => simulator.admin('PATCH', `/admin/catalogue/${path}`, fields);
const remove = (path: string) => simulator.admin('DELETE', `/admin/catalogue/${path}`);
const names = (choices: Choice[]): string[] => choices.map(({ name }) => name);

/** How the demo tenants are set up. */
const DEMO = {
  connectwise: { boards: 'boards', other: 14, companies: 302, contract: 'Backup', service: 3 },
  autotask: {
    boards: 'queues',
    other: 29683354,
    companies: 625,
    contract: 'Select Storage Contract',
    service: 4,
  },
} as const;

/** What every client of a PSA has to do for those who set it up. */
describe.each(PROVIDER_NAMES)('the setup of %s', (provider) => {
  const demo = DEMO[provider];
  const setup = (over: Parameters<typeof localSetup>[2] = {}): SetupPort =>
    localSetup(provider, `${simulator.url}/${provider}`, { egress: { answerTimeoutMs: 1000 }, ...over });
  const list = (what: Lookup, of = {}): Promise<Choice[]> => setup().list(what, of, patient());
  const fault = (fields: object) =>
    simulator.admin('POST', '/admin/faults', { provider, match: 'lookup', times: 1, ...fields });

  it('D19, D25: lists what people choose from, inactive ones and defaults marked', async () => {
    expect(names(await list(demo.boards))).toEqual(
      expect.arrayContaining(['Managed Services Alerts', 'Help Desk']),
    );
    expect((await list('priorities')).filter(({ isDefault }) => isDefault)).toEqual([
      expect.objectContaining({ name: expect.stringContaining('Medium') }),
    ]);
    const statuses = await list('statuses', { boardId: 12 });
    expect(statuses.find(({ isDefault }) => isDefault)).toMatchObject({ name: 'New', isActive: true });
    const services = await list('services');
    expect(services).toHaveLength(demo.service);
    expect(services.filter(({ isActive }) => !isActive)).toHaveLength(1);
  });

  it('reads companies to the last page, each once', async () => {
    const companies = await list('companies');
    expect(companies).toHaveLength(demo.companies);
    expect(new Set(companies.map(({ id }) => id)).size).toBe(demo.companies);
    expect(companies.at(-1)?.name).toMatch(/^Customer 2\d\d\d$/);
    const { items } = (await simulator.admin(
      'GET',
      `/admin/requests?provider=${provider}&operation=lookup`,
    )) as {
      items: { path: string }[];
    };
    expect(items.filter(({ path }) => /compan/i.test(path) && !/entityInformation/.test(path)).length).toBe(
      2,
    );
  });

  it('D33: lists the contracts of a company, and those of no other', async () => {
    const contracts = await list('contracts', { companyId: COMPANY[provider] });
    expect(contracts).toHaveLength(2);
    expect(names(contracts)).toContain(demo.contract);
  });

  it('D21: a new name is shown, the id stays', async () => {
    const [before] = await list(demo.boards);
    await change(`${provider}/${demo.boards}/${before?.id}`, { name: 'Renamed', label: 'Renamed' });
    expect((await list(demo.boards)).find(({ id }) => id === before?.id)?.name).toBe('Renamed');
  });

  it('D32: tells companies and contracts that are there from those that are not', async () => {
    const found = await setup().companies([COMPANY[provider], '999999'], patient());
    expect(found.map(({ id, isActive }) => [id, isActive])).toEqual([[COMPANY[provider], true]]);
    const [contract] = await list('contracts', { companyId: COMPANY[provider] });
    const [read] = await setup().contracts([contract?.id ?? ''], patient());
    expect(read).toMatchObject({ companyId: COMPANY[provider] });
  });

  it.each<[string, TicketingOptions, string[]]>([
    ['what is there', { priorityId: provider === 'connectwise' ? 8 : 2 }, []],
    ['a priority that is not there', { priorityId: 77 }, ['priorityId unknown']],
    ['a board or queue that is not there', provider === 'connectwise' ? { boardId: 99 } : { queueId: 99 }, [`${provider === 'connectwise' ? 'boardId' : 'queueId'} unknown`]],
    ['D28: the same status for both', provider === 'connectwise' ? { boardId: 12, newStatusId: 104, completeStatusId: 104 } : { newStatusId: 5 }, ['completeStatusId same']],
  ])('checks settings with %s', async (_what, ticketing, expected) => {
    const { problems } = await setup().checkSettings(ticketing, patient());
    expect(problems.map(({ field, rule }) => `${field} ${rule}`)).toEqual(expected);
  }); // prettier-ignore

  it('says of each failure what it was, and no secret', async () => {
    const read = (over = {}): Promise<unknown> => setup(over).list('priorities', {}, patient());
    const secret = { privateKey: 'wrongOne', password: 'wrongOne', trackingIdentifier: 'wrongOne' };
    await expect(read({ secret })).rejects.toMatchObject({ outcome: 'credential' });
    await fault({ kind: 'rate_limit', retryAfter: '30' });
    await expect(read()).rejects.toMatchObject({ outcome: 'retry_after', retryAfterMs: 30_000 });
    await fault({ kind: 'status', status: 403 });
    await expect(read()).rejects.toMatchObject({ reason: 'forbidden' });
    await fault({ kind: 'status', status: 404 });
    await expect(read()).rejects.toMatchObject({ reason: 'not_found' });
    await fault({ kind: 'status', status: 503 });
    await expect(read()).rejects.toMatchObject({ reason: 'server_error' });
    await fault({ kind: 'html_200' });
    await expect(read()).rejects.toMatchObject({ reason: 'unreadable_answer' });
    await fault({ kind: 'truncate' });
    await expect(read()).rejects.toMatchObject({ outcome: 'unknown' });
    await fault({ kind: 'hang' });
    await expect(read()).rejects.toMatchObject({ reason: 'timed_out' });
  });

  it('tells an address that nobody answers, and a company or user that is not there, from wrong keys', async () => {
    const first = async (over: object): Promise<string> => {
      const outcomes: string[] = [];
      for (const { name, run } of setup(over).diagnose({}).slice(0, 2))
        outcomes.push(
          `${name} ${await run(patient()).then(
            () => 'ok',
            (error: { reason: string }) => error.reason,
          )}`,
        );
      return outcomes.join(', ');
    };
    const nowhere = { siteUrl: 'http://127.0.0.1:9', apiUrl: 'http://127.0.0.1:9' };
    expect(await first({ endpoint: nowhere })).toBe('reach refused, login refused');
    const wrong = { privateKey: 'wrongOne', password: 'wrongOne', trackingIdentifier: 'wrongOne' };
    expect(await first({ secret: wrong })).toBe('reach ok, login unauthorized');
    const other = { companyId: 'nobody', username: 'nobody@demo.example' };
    expect(await first({ endpoint: other })).toMatch(/^reach (company_unknown|unauthorized), /);
  });

  it('diagnoses a tenant that is well', async () => {
    const ticketing = provider === 'connectwise' ? { boardId: 12 } : {};
    const found = await diagnosed(setup(), ticketing);
    expect(Object.values(found).flat()).toEqual([]);
    expect(Object.keys(found).slice(0, 2)).toEqual(['reach', 'login']);
  });
});

async function diagnosed(setup: SetupPort, ticketing: TicketingOptions): Promise<Record<string, Finding[]>> {
  const found: Record<string, Finding[]> = {};
  for (const { name, run } of setup.diagnose(ticketing)) found[name] = await run(patient());
  return found;
}
const reasons = (found: Finding[] | undefined): string[] => (found ?? []).map(({ reason }) => reason);

describe('connectwise', () => {
  const setup = (): SetupPort => localSetup('connectwise', `${simulator.url}/connectwise`);

  it('judges statuses by the board: closed ones do not open, open ones do not close', async () => {
    const check = (ticketing: TicketingOptions) => setup().checkSettings(ticketing, patient());
    const { problems } = await check({ boardId: 12, newStatusId: 104, completeStatusId: 102 });
    expect(problems.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
      'newStatusId status_closes',
      'completeStatusId status_open',
    ]);
    // Of another board, and of no use any more.
    const { problems: others } = await check({ boardId: 12, newStatusId: 202, completeStatusId: 105 });
    expect(others.map(({ field, rule }) => `${field} ${rule}`)).toEqual(['newStatusId unknown', 'completeStatusId inactive']); // prettier-ignore
    expect((await check({ boardId: 14 })).resolved).toEqual({ boardId: 14, newStatusId: 201 });
  });

  const anotherApiMember = () =>
    simulator.admin('POST', '/admin/connectwise/members', { identifier: 'other', name: 'Other', roleId: 63, defaultBoardId: 14 }); // prettier-ignore
  const wrong = async (ticketing: TicketingOptions): Promise<string[]> =>
    (await setup().checkSettings(ticketing, patient())).problems.map(({ field, rule }) => `${field} ${rule}`);

  it('judges statuses without a board by the one that the API member opens tickets on, which is named', async () => {
    expect(await wrong({ newStatusId: 102, completeStatusId: 104 })).toEqual([]);
    expect(await wrong({ newStatusId: 9999 })).toEqual(['newStatusId unknown']);
    // Of another board.
    expect(await wrong({ newStatusId: 202, completeStatusId: 203 })).toEqual(['newStatusId unknown', 'completeStatusId unknown']); // prettier-ignore
    expect(await wrong({ newStatusId: 104, completeStatusId: 102 })).toEqual(['newStatusId status_closes', 'completeStatusId status_open']); // prettier-ignore
    const { problems, resolved } = await setup().checkSettings({ newStatusId: 9999 }, patient());
    expect(problems[0]?.detail).toContain('on the board "Managed Services Alerts"');
    expect(resolved).toEqual({ newStatusId: 9999 });
    await remove('connectwise/statuses/104');
    expect(await wrong({ completeStatusId: 104 })).toEqual(['completeStatusId unknown']);
  });

  it('refuses nothing that may work where API members have several default boards, or may not be read', async () => {
    const forbidden = () => simulator.admin('POST', '/admin/faults', { provider: 'connectwise', match: 'info', kind: 'status', status: 403, times: 1 }); // prettier-ignore
    const judge = async (before: () => Promise<unknown>): Promise<void> => {
      for (const [ticketing, expected] of [
        [{ newStatusId: 202, completeStatusId: 203 }, []],
        [{ newStatusId: 102, completeStatusId: 203 }, ['completeStatusId unknown']],
        [{ newStatusId: 9999 }, ['newStatusId unknown']],
      ] as const) {
        await before();
        expect(await wrong(ticketing)).toEqual(expected);
      }
    };
    await judge(forbidden);
    await anotherApiMember();
    await judge(async () => undefined);
  });

  it('E14: names a board without default status or team', async () => {
    await change('connectwise/statuses/101', { defaultFlag: false });
    await remove('connectwise/teams/31');
    const found = await diagnosed(setup(), { boardId: 12 });
    expect(reasons(found['board'])).toEqual(['no_default_status', 'no_default_team']);
    // No board is chosen: that of the API member is looked at.
    expect(reasons((await diagnosed(setup(), {}))['board'])).toEqual([
      'no_default_status',
      'no_default_team',
    ]);
    await change('connectwise/statuses/101', { defaultFlag: true });
    await change('connectwise/statuses/102', { defaultFlag: true });
    expect(reasons((await diagnosed(setup(), { boardId: 12 }))['board'])).toContain('no_default_status');
  });

  it('E10: says that the add-on is missing', async () => {
    await simulator.admin('PUT', '/admin/switches', { connectwiseAddOn: false });
    const found = await diagnosed(setup(), {});
    expect(reasons(found['managedDevices'])).toEqual(['add_on_missing']);
    expect(reasons(found['solution'])).toEqual([]);
  });

  it('B20, E15: names a solution that the PSA has not', async () => {
    await remove('connectwise/solutions/1');
    expect(reasons((await diagnosed(setup(), {}))['solution'])).toEqual(['solution_unknown']);
  });

  it('E43: finds the entries of a company turned round', async () => {
    const links = () => setup().linkFindings([{ custId: 34826, companyId: '250' }], patient());
    expect(await links()).toEqual([]);
    await change('connectwise/summaries/61', { id: 63 });
    expect(reasons(await links())).toEqual(['order']);
    expect(reasons(await setup().linkFindings([{ custId: 1, companyId: '251' }], patient()))).toEqual(['not_linked']); // prettier-ignore
  });

  it('E17: flags each deviation of the managed devices integration', async () => {
    await change('connectwise/managedDevices/1', {
      loginBy: 'Global',
      defaultBillingLevel: 'Summary',
      matchOnSerialNumberFlag: false,
      disableNewCrossReferencesFlag: false,
    });
    const found = (await diagnosed(setup(), {}))['managedDevices'] ?? [];
    expect(found).toHaveLength(4);
    expect(new Set(found.map(({ level }) => level))).toEqual(new Set(['warning']));
  });
});

describe('autotask', () => {
  const setup = (): SetupPort => localSetup('autotask', `${simulator.url}/autotask`);

  it('D25, D27: resolves the defaults by name, and says which one the tenant lacks', async () => {
    const check = (ticketing = {}) => setup().checkSettings(ticketing, patient());
    expect(await check()).toEqual({
      problems: [],
      resolved: { queueId: 29682833, priorityId: 2, newStatusId: 1, completeStatusId: 5 },
    });
    await change('autotask/queues/29682833', { isActive: false });
    await remove('autotask/priorities/2');
    const { problems } = await check();
    expect(problems.map(({ field, rule }) => `${field} ${rule}`)).toEqual(['queueId missing', 'priorityId missing']); // prettier-ignore
    expect((await check({ queueId: null, priorityId: 1 })).problems).toEqual([]);
  });

  it('D6, D13: marks companies that are no Customer and contracts that are not recurring', async () => {
    const [lead] = await setup().companies(['178'], patient());
    expect(lead).toMatchObject({ name: 'Umbrella', problem: 'company_type' });
    const contracts = await setup().list('contracts', { companyId: '175' }, patient());
    expect(contracts.map(({ name, problem }) => [name, problem])).toEqual([
      ['Onsite Maintenance', 'contract_type'],
      ['Select Storage Contract', undefined],
    ]);
  });

  it('D3: names the rights that the API user lacks, and never tries one by writing', async () => {
    await simulator.admin('PUT', '/admin/switches', { autotaskCanWrite: false });
    const found = await diagnosed(setup(), {});
    expect(found['tickets']?.map(({ message }) => message)).toEqual([
      expect.stringContaining('canCreate on Tickets'),
      expect.stringContaining('canUpdate on Tickets'),
    ]);
    const { items } = (await simulator.admin('GET', '/admin/requests?provider=autotask')) as {
      items: { operation: string }[];
    };
    expect(items.map(({ operation }) => operation)).not.toContain('create');
  });

  it('follows no page link to another host: the keys would go with it', async () => {
    const host = await startPagingHost();
    try {
      await expect(localSetup('autotask', host.url).list('services', {}, patient())).rejects.toMatchObject({
        reason: 'redirected',
      });
      expect(host.asked()).toBe(1);
    } finally {
      await host.close();
    }
  });
});

describe('backup statistics of connectwise', () => {
  const FIGURES = { successfulBackupJobs: 41, failedBackupJobs: 2 };
  const LINK = { custId: 34826, companyId: '250' };
  type Over = Parameters<typeof localStatistics>[2];
  const push = (figures: BackupStatistics = FIGURES, link = LINK, over: Over = {}): Promise<PushResult> => {
    const egress = { answerTimeoutMs: 1000 };
    const port = localStatistics('connectwise', `${simulator.url}/connectwise`, { egress, ...over });
    if (port === null) throw new Error('ConnectWise has a Management report');
    return port.push(link, figures, patient());
  };
  const fault = (fields: object) =>
    simulator.admin('POST', '/admin/faults', {
      provider: 'connectwise',
      match: 'update',
      times: 1,
      ...fields,
    });
  /** Successful and failed of each entry, by its id. */
  const report = async (): Promise<Record<string, [number | null, number | null]>> => {
    const { items } = (await simulator.admin('GET', '/admin/connectwise/management-reports')) as {
      items: { id: string; successfulBackupJobs: number | null; failedBackupJobs: number | null }[];
    };
    return Object.fromEntries(items.map((row) => [row.id, [row.successfulBackupJobs, row.failedBackupJobs]]));
  };
  const written = async (): Promise<unknown> => (await report())['62'];
  const methods = async (): Promise<string[]> => {
    const { items } = (await simulator.admin('GET', '/admin/requests?provider=connectwise')) as { items: { method: string }[] }; // prettier-ignore
    return items.map(({ method }) => method);
  };
  /** The partner's own work in ConnectWise. Gives the new entry's id. */
  const entry = async (companyId: string, deviceType: string, more: object = {}): Promise<string> => {
    const path = `/connectwise/v4_6_release/apis/3.0/company/companies/${companyId}/managementSummaryReports`;
    const headers = {
      authorization: `Basic ${Buffer.from('demo+demoPublicKey:demoPrivateKey').toString('base64')}`,
      clientid: '8a0c1f0e-5d0b-4b6e-9a53-0e6b8f3f6d21',
    };
    const body = {
      groupIdentifier: 'EFS-34826',
      deviceType,
      managementSolution: { name: 'Backhaul' },
      ...more,
    };
    const made = await fetch(`${simulator.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return String(((await made.json()) as { id: number }).id);
  };

  it('E3, E46: writes absolute figures into the one entry, with each push, and makes none', async () => {
    await expect(push()).resolves.toEqual({ state: 'pushed', reportId: '62', before: { successfulBackupJobs: 0, failedBackupJobs: 0 } }); // prettier-ignore
    expect(await report()).toEqual({ 61: [null, null], 62: [41, 2] });
    const next = { successfulBackupJobs: 7, failedBackupJobs: 0 };
    await expect(push(next)).resolves.toMatchObject({ state: 'pushed', before: FIGURES });
    expect(await report()).toEqual({ 61: [null, null], 62: [7, 0] });
    expect(new Set(await methods())).toEqual(new Set(['GET', 'PATCH']));
  });

  const summary = (id: number, fields: object) => change(`connectwise/summaries/${id}`, fields);
  it.each<[what: string, arrange: () => Promise<unknown>, expected: string[]]>([
    ['E47: a company without entries', () => Promise.all([remove('connectwise/summaries/61'), remove('connectwise/summaries/62')]), ['not_linked']],
    ['E42: another spelling', () => Promise.all([61, 62].map((id) => summary(id, { groupIdentifier: 'efs-034826' }))), ['managed_id_spelled']],
    ['E42: the other entry in another spelling', () => summary(62, { groupIdentifier: 'EFS34826' }), ['entry_missing']],
    ['hostile text', () => Promise.all([61, 62].map((id) => summary(id, { groupIdentifier: `"' or 1=1 --\\</b>${'x'.repeat(60)}` }))), ['not_linked']],
    ['E43: a missing entry', () => remove('connectwise/summaries/61'), ['entry_missing']],
    ['E43: the wrong order', () => summary(61, { id: 63 }), ['order']],
    ['E44: an agreement', () => summary(62, { agreement: { id: 81, name: 'Backup' } }), ['agreement_not_blank']],
    ['several Backup Stats', () => entry('250', 'BackupStats'), ['entry_repeated']],
    ['B20: entries of another solution', () => Promise.all([61, 62].map((id) => summary(id, { managementSolution: { id: 2, name: 'Axcient', setupName: 'Axcient' } }))), ['not_linked']],
  ])('refuses %s, and writes nothing', async (_what, arrange, expected) => {
    await arrange();
    const result = await push();
    expect(result.state === 'refused' ? reasons(result.findings) : result).toEqual(expected);
    expect(await methods()).not.toContain('PATCH');
  }); // prettier-ignore

  it('E43, E45: entries made in the wrong order are refused until they are made anew in the right one', async () => {
    const link = { custId: 77, companyId: '251' };
    const managedId = { groupIdentifier: 'EFS-77' };
    const turned = [await entry('251', 'BackupStats', managedId), await entry('251', 'WorkstationsAndServers', managedId)]; // prettier-ignore
    await expect(push(FIGURES, link)).resolves.toMatchObject({ findings: [{ reason: 'order' }] });
    for (const id of turned) await remove(`connectwise/summaries/${id}`);
    await entry('251', 'WorkstationsAndServers', managedId);
    const reportId = await entry('251', 'BackupStats', managedId);
    await expect(push(FIGURES, link)).resolves.toMatchObject({ state: 'pushed', reportId });
  });

  it('B20: entries of another solution are left alone, and one that the PSA has not is an error', async () => {
    const other = await entry('250', 'BackupStats', { managementSolution: { name: 'Axcient' } });
    await expect(push()).resolves.toMatchObject({ reportId: '62' });
    expect((await report())[other]).toEqual([null, null]);
    const unknown = push(FIGURES, LINK, { endpoint: { solutionName: 'Nobody' } });
    await expect(unknown).rejects.toMatchObject({ outcome: 'definitive', reason: 'solution_unknown' });
  });

  it('tells a company that is gone from an add-on that is missing', async () => {
    for (const companyId of ['252', '999999'])
      await expect(push(FIGURES, { custId: 1, companyId })).rejects.toMatchObject({ outcome: 'definitive', reason: 'not_found' }); // prettier-ignore
    await fault({ match: 'lookup', kind: 'status', status: 404 });
    await expect(push()).resolves.toMatchObject({ findings: [{ reason: 'add_on_missing' }] });
  });

  it.each([-1, 1.5, 2 ** 31, Number.NaN])('asks nothing for %p runs', async (failedBackupJobs) => {
    const pushed = push({ successfulBackupJobs: 1, failedBackupJobs });
    await expect(pushed).rejects.toMatchObject({ outcome: 'definitive', reason: 'rejected' });
    expect(await methods()).toEqual([]);
  });

  it.each<[fault: object, expected: object, isWritten: boolean]>([
    [{ kind: 'status', status: 503 }, { outcome: 'unknown', reason: 'server_error' }, false],
    [{ kind: 'status', status: 500, when: 'after' }, { outcome: 'unknown', reason: 'server_error' }, true],
    [{ kind: 'status', status: 401 }, { outcome: 'credential', reason: 'unauthorized' }, false],
    [{ kind: 'status', status: 403 }, { outcome: 'definitive', reason: 'forbidden' }, false],
    [{ kind: 'rate_limit', retryAfter: '30' }, { outcome: 'retry_after', retryAfterMs: 30_000 }, false],
    [{ kind: 'down' }, { outcome: 'unknown', reason: 'connection_lost' }, false],
    [{ kind: 'drop_reply' }, { outcome: 'unknown', reason: 'connection_lost' }, true],
    [{ kind: 'truncate' }, { outcome: 'unknown' }, true],
    [{ kind: 'html_200' }, { outcome: 'unknown', reason: 'unreadable_answer' }, true],
    [{ kind: 'no_id' }, { outcome: 'unknown', reason: 'no_id' }, true],
    [{ kind: 'hang' }, { outcome: 'unknown', reason: 'timed_out' }, true],
  ])('%j: says what it was, and a push repeated leaves the same figures', async (fields, expected, isWritten) => {
    await fault(fields);
    await expect(push()).rejects.toMatchObject(expected);
    expect(await written()).toEqual(isWritten ? [41, 2] : [null, null]);
    await expect(push()).resolves.toMatchObject({ state: 'pushed' });
    expect(await written()).toEqual([41, 2]);
  }); // prettier-ignore

  it('what fails before the write was not sent', async () => {
    for (const kind of ['drop_reply', 'hang', 'html_200']) {
      await fault({ match: 'lookup', kind });
      await expect(push()).rejects.toMatchObject({ outcome: 'not_sent' });
    }
    expect(await methods()).not.toContain('PATCH');
  });

  it('Autotask has no such report', () => {
    expect(localStatistics('autotask', `${simulator.url}/autotask`)).toBeNull();
  });
});
