import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AuditEntryPayload } from '@backhaul/messaging';
import { createDataSource, UnitOfWork } from '@backhaul/persistence';
import { TestRest } from '../testing/rest.js';
import { AuditRepository } from './audit.repository.js';

jest.setTimeout(60_000);
let rest: TestRest;
let audit: AuditRepository;
beforeAll(async () => {
  rest = await TestRest.start();
  audit = new AuditRepository(rest.unitOfWork);
});
afterAll(() => rest.close());

const entries = async (query = ''): Promise<Record<string, unknown>[]> =>
  (await rest.call('GET', `audit?limit=200${query}`)).body.items ?? [];
const entry = (action: string): AuditEntryPayload => ({
  entryId: randomUUID(),
  partnerId: rest.ours,
  at: new Date().toISOString(),
  subject: 'key:x',
  onBehalfOf: null,
  ip: null,
  requestId: null,
  action,
  targetKind: 'rule',
  targetId: '1',
  detail: null,
});
const verdict = async (): Promise<unknown> => (await rest.call('GET', 'audit/verify')).body;

describe('the audit log', () => {
  it('says who did what to what, in which request (C50)', async () => {
    const made = await rest.call('POST', 'customers', { body: { name: 'Audited' } });
    const target = `customer:${String(made.body['custId'])}`;
    expect(await entries(`&target=${target}`)).toEqual([
      expect.objectContaining({
        subject: 'key:test',
        onBehalfOf: null,
        requestId: made.headers['x-request-id'],
        action: 'customer.create',
        target,
        detail: expect.objectContaining({ name: 'Audited' }),
      }),
    ]);
  });

  it('has an entry for each change that a person or program can make here', async () => {
    const root = String((await rest.call('GET', 'brands')).body['id']);
    const brand = await rest.call('POST', 'brands', { body: { name: 'B', parentId: root } });
    const brandPath = `brands/${String(brand.body['id'])}`;
    await rest.call('PATCH', brandPath, { body: { name: 'C' }, ifMatch: '*' });
    const custId = Number((await rest.call('POST', 'customers', { body: { name: 'X' } })).body['custId']);
    await rest.call('PATCH', `customers/${custId}`, { body: { name: 'Y' }, ifMatch: '*' });
    const account = await rest.call('POST', 'accounts', { body: { custId, username: 'audited' } });
    const accountPath = `accounts/${String(account.body['accountNo'])}`;
    await rest.call('PATCH', accountPath, { body: { hostName: 'h' }, ifMatch: '*' });
    await rest.call('DELETE', accountPath, { ifMatch: '*' });
    await rest.call('DELETE', `customers/${custId}`, { ifMatch: '*' });
    const key = await rest.call('POST', 'api-keys', { body: { name: 'k' } });
    await rest.call('DELETE', `api-keys/${String(key.body['id'])}`);
    const asked = await rest.call('POST', 'brand-change-requests', {
      body: { kind: 'conversion', brandId: brand.body['id'] },
    });
    const operator = { role: 'platform-operator' } as const;
    await rest.call('POST', `brand-change-requests/${String(asked.body['id'])}/execute`, operator);
    const actions = new Set((await entries()).map(({ action }) => action));
    expect([...actions]).toEqual(
      expect.arrayContaining([
        'brand.create', 'brand.change', 'customer.create', 'customer.change', 'customer.remove', 'account.create',
        'account.change', 'account.remove', 'api-key.create', 'api-key.revoke', 'brand-change.request',
        'brand-change.execute',
      ]), // prettier-ignore
    );
    expect(JSON.stringify(await entries())).not.toContain(String(key.body['key']).slice(-38, -6));
  });

  it('is the partner’s own, and the senior manager’s of the whole partner', async () => {
    const theirs = await rest.call('GET', 'audit', { partnerId: rest.theirs });
    expect(theirs.body.items?.map(({ action }) => action)).toEqual(['api-key.create']);
    const root = (await rest.call('GET', 'brands')).body['id'];
    expect((await rest.call('GET', 'audit', { brandId: String(root) })).status).toBe(403);
  });

  it('is searched by action, subject, target and time, and paged', async () => {
    const all = await entries();
    expect((await entries('&action=brand.create')).every(({ action }) => action === 'brand.create')).toBe(
      true,
    );
    expect(await entries('&subject=key%3Anobody')).toEqual([]);
    expect(await entries('&from=2999-01-01T00:00:00.000Z')).toEqual([]);
    const first = await rest.call('GET', 'audit?limit=2');
    const second = await rest.call('GET', `audit?limit=200&cursor=${String(first.body['nextCursor'])}`);
    expect([...(first.body.items ?? []), ...(second.body.items ?? [])]).toEqual(all);
    expect((await rest.call('GET', 'audit?cursor=x')).status).toBe(400);
  });

  it('keeps an entry once, however often and from how many sides it comes', async () => {
    const one = entry('rule.create');
    await Promise.all(Array.from({ length: 8 }, () => rest.unitOfWork.run((tx) => audit.append(tx, one))));
    expect((await entries('&action=rule.create')).length).toBe(1);
  });

  it('is one unbroken chain though many write at once', async () => {
    const many = Array.from({ length: 40 }, () => entry('rule.change'));
    await Promise.all(many.map((one) => rest.unitOfWork.run((tx) => audit.append(tx, one))));
    expect(await verdict()).toMatchObject({ isIntact: true, brokenAt: null, head: expect.any(String) });
  });

  it.each([
    ['changed', 'UPDATE audit_entry SET body = replace(body, $2, $3) WHERE partner_id = $1 AND seq = 5'],
    ['left out', 'DELETE FROM audit_entry WHERE partner_id = $1 AND seq = 5 AND $2 <> $3'],
    ['put in', 'UPDATE audit_entry SET seq = seq + 1000 WHERE partner_id = $1 AND seq >= 5 AND $2 <> $3'],
  ])('shows from where on an entry was %s', async (_what, sql) => {
    await rest.unitOfWork.query('CREATE TABLE kept AS SELECT * FROM audit_entry');
    await rest.unitOfWork.query(sql, [rest.ours, 'key:test', 'key:else']);
    expect(await verdict()).toMatchObject({ isIntact: false, entries: 4, brokenAt: 5, head: null });
    await rest.unitOfWork.query('DELETE FROM audit_entry');
    await rest.unitOfWork.query('INSERT INTO audit_entry SELECT * FROM kept');
    await rest.unitOfWork.query('DROP TABLE kept');
    expect(await verdict()).toMatchObject({ isIntact: true });
  });

  it('cannot be changed by the services themselves', async () => {
    const { url } = rest.database;
    const runtime = await createDataSource({ url, applicationName: 'test', role: 'runtime' }).initialize();
    try {
      const services = new UnitOfWork(runtime);
      for (const sql of ['UPDATE audit_entry SET subject = subject', 'DELETE FROM audit_entry'])
        await expect(services.query(sql)).rejects.toThrow('permission denied');
    } finally {
      await runtime.destroy();
    }
  });

  it('that cannot be written stops what it would have told of', async () => {
    await rest.unitOfWork.query('ALTER TABLE audit_entry RENAME TO audit_entry_away');
    try {
      expect((await rest.call('POST', 'customers', { body: { name: 'Unseen' } })).status).toBe(500);
      expect((await rest.call('POST', 'api-keys', { body: { name: 'unseen' } })).status).toBe(500);
    } finally {
      await rest.unitOfWork.query('ALTER TABLE audit_entry_away RENAME TO audit_entry');
    }
    expect((await rest.call('GET', 'customers?q=Unseen')).body.items).toEqual([]);
    const keys = (await rest.call('GET', 'api-keys?limit=200')).body.items;
    expect(keys?.filter(({ name }) => name === 'unseen')).toEqual([]);
  });
});
