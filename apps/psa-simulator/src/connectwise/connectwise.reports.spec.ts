import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectWiseKeys, startForTest, type Reply, type Running } from '../testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

const OF = '/company/companies/250/managementSummaryReports';
const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const patch = (body: unknown, path = `${OF}/62`): Promise<Reply> => running.connectwise('PATCH', path, body);
const post = (fields: object, path = OF): Promise<Reply> =>
  running.connectwise('POST', path, { groupIdentifier: 'EFS-1', deviceType: 'BackupStats', ...fields });
const idOf = (reply: Reply): number => (reply.json as { id: number }).id;
const entries = async (on = running): Promise<Record<string, unknown>[]> =>
  ((await on.admin('GET', '/connectwise/management-reports')).json as { items: Record<string, unknown>[] })
    .items;

describe('an entry of the Management report', () => {
  it('E46: takes figures, and says when and by whom', async () => {
    const changed = await patch([set('successfulBackupJobs', 41), set('failedBackupJobs', 2)]);
    expect(changed).toMatchObject({
      status: 200,
      json: {
        id: 62,
        successfulBackupJobs: 41,
        failedBackupJobs: 2,
        company: { id: 250, identifier: 'ACME' },
        _info: { updatedBy: 'backhaul', lastUpdated: expect.stringMatching(/^\d{4}-.*:\d{2}Z$/) },
      },
    });
    expect(changed.json).not.toHaveProperty('companyId');
    expect(await running.connectwise('GET', `${OF}/62`)).toMatchObject({ json: changed.json });
    expect((await entries()).map(({ id, successfulBackupJobs }) => [id, successfulBackupJobs])).toEqual([
      ['61', null],
      ['62', 41],
    ]);
    expect(await patch([{ op: 'remove', path: 'failedBackupJobs' }])).toMatchObject({ status: 200 });
    expect((await entries())[1]).toMatchObject({ failedBackupJobs: null, updatedBy: 'backhaul' });
  });

  it.each<[what: string, body: unknown, field: string]>([
    ['no list', {}, 'operations'],
    ['a list of nothing', [null], 'op'],
    ['an unknown operation', [{ op: 'Replace', path: 'failedBackupJobs', value: 1 }], 'op'],
    ['a leading slash', [set('/failedBackupJobs', 1)], 'path'],
    ['another case', [set('FailedBackupJobs', 1)], 'path'],
    ['an unknown path', [set('backupJobs', 1)], 'path'],
    ['a field that is read only', [set('id', 1)], 'path'],
    ['the company', [set('company', { id: 251 })], 'path'],
    ['text for a number', [set('failedBackupJobs', '1')], 'failedBackupJobs'],
    ['half a run', [set('failedBackupJobs', 1.5)], 'failedBackupJobs'],
    ['more than 32 bits', [set('failedBackupJobs', 2 ** 31)], 'failedBackupJobs'],
    ['no managed id', [set('groupIdentifier', null)], 'groupIdentifier'],
    ['a managed id too long', [set('groupIdentifier', 'x'.repeat(101))], 'groupIdentifier'],
    ['an unknown device type', [set('deviceType', 'backupstats')], 'deviceType'],
    ['an agreement of another company', [set('agreement', { id: 83 })], 'agreement/id'],
  ])('%s: 400 that names the field, and nothing is changed', async (_what, body, field) => {
    const before = await entries();
    expect(await patch(body)).toMatchObject({
      status: 400,
      json: { code: 'InvalidObject', errors: [{ resource: 'companyManagementSummary', field }] },
    });
    expect(await patch('{')).toMatchObject({ status: 400 });
    expect(await entries()).toEqual(before);
  });

  it('is found in its company alone, and written by members who may', async () => {
    const figures = [set('failedBackupJobs', 1)];
    for (const path of [
      `${OF}/63`,
      '/company/companies/251/managementSummaryReports/62',
      '/company/companies/9/managementSummaryReports/62',
    ])
      // prettier-ignore
      for (const reply of [await patch(figures, path), await running.connectwise('DELETE', path)])
        expect(reply).toMatchObject({ status: 404, json: { code: 'NotFound' } });
    expect(await running.connectwise('PUT', `${OF}/62`, {})).toMatchObject({ status: 405 });
    const { id } = (await running.admin('POST', '/connectwise/members', { identifier: 'reader', name: 'R', roleId: 65, defaultBoardId: 12 })).json as { id: number }; // prettier-ignore
    const key = (await running.admin('POST', `/connectwise/members/${id}/keys`, { description: 'x' })).json as { publicKey: string; privateKey: string }; // prettier-ignore
    const keys = connectWiseKeys(key.publicKey, key.privateKey);
    expect(await running.connectwise('PATCH', `${OF}/62`, figures, keys)).toMatchObject({ status: 403 });
    expect(await running.connectwise('GET', OF, undefined, keys)).toMatchObject({ status: 200 });
  });
});

describe('entries', () => {
  it('are made, counted, found by conditions and removed; the vendor keeps none apart', async () => {
    const solution = { managementSolution: { name: 'Backhaul' } };
    const ids = [idOf(await post(solution)), idOf(await post(solution))];
    expect(ids[1]).toBeGreaterThan(ids[0] ?? 0);
    const condition = (text: string): Promise<Reply> =>
      running.connectwise('GET', `${OF}?conditions=${encodeURIComponent(text)}`);
    expect(await condition('groupIdentifier = "EFS-1" and deviceType = "BackupStats"')).toMatchObject({
      json: ids.map((id) => ({ id, managementSolution: { id: 1, name: 'Backhaul' } })),
    });
    expect(await condition('nothing = 1')).toMatchObject({ status: 400 });
    expect(await running.connectwise('GET', `${OF}/count`)).toMatchObject({ json: { count: 4 } });
    expect(await running.connectwise('DELETE', `${OF}/${ids[1]}`)).toMatchObject({ status: 204 });
    expect(idOf(await post({}))).toBeGreaterThan(ids[1] ?? 0);
    const empty = '/company/companies/251/managementSummaryReports';
    expect(await running.connectwise('GET', `${empty}?conditions=groupIdentifier%20%3D%20%22x%22`)).toMatchObject({ status: 200, json: [] }); // prettier-ignore
  });

  it.each<[what: string, fields: object, field: string]>([
    ['without a managed id', { groupIdentifier: '' }, 'groupIdentifier'],
    ['with a managed id that is a number', { groupIdentifier: 5 }, 'groupIdentifier'],
    ['with a share in words', { cpuUtilization: 'all' }, 'cpuUtilization'],
    ['of a solution that is not there', { managementSolution: { id: 9 } }, 'managementSolution/id'],
  ])('%s are refused', async (_what, fields, field) => {
    expect(await post(fields)).toMatchObject({ status: 400, json: { errors: [{ field }] } });
    expect(await entries()).toHaveLength(2);
  });

  it('outlive a restart, the removed ones are gone, and a reset brings back those of the demo', async () => {
    const dataFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'tickets.jsonl');
    const first = await startForTest(dataFile);
    await first.connectwise('PATCH', `${OF}/62`, [set('failedBackupJobs', 5)]);
    const made = idOf(await first.connectwise('POST', OF, { groupIdentifier: 'EFS-1', totalServers: 3 }));
    await first.connectwise('DELETE', `${OF}/61`);
    await first.connectwise('DELETE', `${OF}/${made}`);
    await first.simulator.close();
    const second = await startForTest(dataFile);
    expect(await entries(second)).toMatchObject([{ id: '62', failedBackupJobs: 5 }]);
    expect(idOf(await second.connectwise('POST', OF, { groupIdentifier: 'EFS-1' }))).toBeGreaterThan(made);
    await second.admin('POST', '/reset');
    await second.simulator.close();
    const third = await startForTest(dataFile);
    expect(await entries(third)).toMatchObject([{ id: '61' }, { id: '62', failedBackupJobs: null }]);
    await third.simulator.close();
  });
});

it('the page of the report shows what is in it as the text that it is', async () => {
  const text = '"><script>alert(1)</script>';
  await post({ groupIdentifier: text, successfulBackupJobs: 12_345 }, OF.replace('250', '251'));
  for (const path of ['management-report', 'companies/251']) {
    const page = await (await fetch(`${running.simulator.url}/psa/connectwise/${path}`)).text();
    expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script');
    for (const shown of ['Globex', 'Backup Stats', '12345', '<time datetime="20'])
      expect(page).toContain(shown);
  }
  const found = await fetch(`${running.simulator.url}/psa/connectwise/management-report?q=efs-34826`);
  expect((await found.text()).match(/<tr>/g)).toHaveLength(3);
});
