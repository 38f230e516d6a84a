import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectWiseKeys, startForTest, type Running } from '../testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

interface Seen {
  status: number;
  text: string;
  headers: Headers;
}

const seen = async (response: Response): Promise<Seen> => ({
  status: response.status,
  text: await response.text(),
  headers: response.headers,
});
const get = async (path: string): Promise<Seen> => seen(await fetch(`${running.simulator.url}/psa${path}`));
/** As a browser sends a form of this very site. */
const post = async (path: string, form: Record<string, string>, origin?: string): Promise<Seen> =>
  seen(
    await fetch(`${running.simulator.url}/psa${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: origin ?? running.simulator.url },
      body: new URLSearchParams(form),
    }),
  );
const openTicket = async (fields: object = {}): Promise<number> => {
  const ticket = { company: { id: 250 }, summary: 'Backup failed', ...fields };
  return ((await running.connectwise('POST', '/service/tickets', ticket)).json as { id: number }).id;
};
const openAutotask = async (fields: object = {}): Promise<number> => {
  const ticket = { companyID: 175, title: 'Backup failed', status: 1, priority: 2, queueID: 29682833, dueDateTime: '2026-11-21T10:00:00Z', ...fields }; // prettier-ignore
  return ((await running.autotask('POST', '/Tickets', ticket)).json as { itemId: number }).itemId;
};
const codes = ({ text }: Seen): string[] =>
  [...text.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code]) => code ?? '');

/** Without the white space between tags, which says nothing. */
const flat = ({ text }: Seen): string => text.replace(/\s+/g, ' ').replace(/ ?([<>]) ?/g, '$1');

/** Markup, a template, formulas of spreadsheets, and a link: each must be read, none must work. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '=HYPERLINK("http://evil.example";"x")',
  '@SUM(1+1)*cmd|A0',
  '${7*7} {{7*7}}',
  '</pre><iframe src="javascript:alert(1)">',
];
const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');

describe('one ticket', () => {
  it.each(HOSTILE)('shows %s as the text that it is', async (text) => {
    const id = await openTicket({ summary: text, initialDescription: text, externalXRef: text });
    const note = { text, internalAnalysisFlag: true };
    await running.connectwise('POST', `/service/tickets/${id}/notes`, note);
    const other = await openAutotask({ title: text, description: text, externalID: text.slice(0, 50) });
    const pages = [`/connectwise/tickets/${id}`, `/autotask/tickets/${other}`, '/connectwise/companies/250'];
    for (const path of pages) {
      const page = await get(path);
      expect(page.text).toContain(escaped(text));
      if (escaped(text) !== text) expect(page.text).not.toContain(text);
      expect(page.text).not.toMatch(/<script|<img|<iframe|<[^>]*\son\w+=/i);
      expect(page.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'self'; img-src data:/,
      );
    }
  });

  it('tells what was done to it and by whom: an API user, or a person', async () => {
    const id = await openTicket();
    const close = [{ op: 'replace', path: 'status', value: { id: 104 } }];
    await running.connectwise('PATCH', `/service/tickets/${id}`, close);
    const path = `/connectwise/tickets/${id}`;
    expect(await post(path, { action: 'reopen', as: 'JDoe' })).toMatchObject({ status: 303 });
    expect(await post(path, { action: 'note', as: 'TTech', text: 'called them' })).toMatchObject({
      status: 303,
    });
    const text = flat(await get(path));
    const rows = [...text.matchAll(/<td>([^<]*\((?:API user|person)\))<\/td><td><div>([^<]*)<\/div>/g)];
    expect(rows.map(([, who, what]) => [who, what])).toEqual([
      ['TTech (person)', 'Note added'],
      ['JDoe (person)', 'Status: &gt;Closed → New'],
      ['backhaul (API user)', 'Status: New → &gt;Closed'],
      ['backhaul (API user)', 'Created'],
    ]);
    expect(text).toContain('called them');
  });

  it('keeps its history short: the first entry and the newest', async () => {
    const id = await openTicket();
    for (let number = 0; number < 205; number += 1)
      await running.connectwise('PATCH', `/service/tickets/${id}`, [
        { op: 'replace', path: 'summary', value: `No. ${number}` },
      ]);
    const { history } = (await running.admin('GET', `/tickets/connectwise/${id}`)).json as {
      history: { changes: { field: string; to?: string }[] }[];
    };
    expect(history).toHaveLength(200);
    expect([history[0], history.at(-1)]).toMatchObject([
      { changes: [{ field: 'created' }] },
      { changes: [{ field: 'summary', to: 'No. 204' }] },
    ]);
  });

  it('is worked on by people: a wrong order is said, with 400', async () => {
    const [id, parent] = [await openTicket(), await openTicket()];
    const path = `/connectwise/tickets/${id}`;
    for (const form of [
      { action: '' },
      { action: 'merge', into: String(id) },
      { action: 'close', as: 'backhaul' },
      { action: 'note', text: ' ' },
    ])
      // prettier-ignore
      expect(await post(path, form as Record<string, string>)).toMatchObject({
        status: 400,
        text: expect.stringContaining('role="alert"'),
      });
    await post(path, { action: 'merge', into: String(parent), as: 'JDoe' });
    expect((await get(path)).text).toContain(`<a href="/psa/connectwise/tickets/${parent}">`);
    expect((await post(path, { action: 'delete' })).headers.get('location')).toBe('/');
    expect(await get(path)).toMatchObject({ status: 404 });
    expect(await post(path, { action: 'close' })).toMatchObject({ status: 404 });
  });

  it('of the portal is where the link of each PSA leads', async () => {
    const id = await openAutotask();
    const link = `/autotask/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=${id}`;
    const opened = await seen(await fetch(`${running.simulator.url}${link}`));
    expect(opened).toMatchObject({ status: 200, text: expect.stringContaining('Backup failed') });
  });
});

describe('companies', () => {
  it.each([
    ['connectwise', 303, 'Globex'],
    ['autotask', 625, 'Globex'],
  ])('of %s are shown in parts and found by name', async (provider, count, name) => {
    const first = await get(`/${provider}/companies`);
    expect(first.text).toContain(`${count} in all, page 1 of ${Math.ceil(count / 50)}`);
    expect(first.text.match(/<tr>/g)).toHaveLength(51);
    expect(first.text).toContain('page=2');
    const last = await get(`/${provider}/companies?page=999`);
    expect(last.text).not.toContain('>Next<');
    const found = await get(`/${provider}/companies?q=glob`);
    expect(found.text).toContain(name);
    expect(found.text).toContain('1 in all');
    const none = await get(`/${provider}/companies?q=${encodeURIComponent('"><script>')}`);
    expect(none.text).toMatch(/class="empty">No (company|account) fits/);
    expect(none.text).not.toContain('<script>');
    expect(await get(`/${provider}/companies/99999`)).toMatchObject({ status: 404 });
    expect(await get(`/${provider}/companies/x`)).toMatchObject({ status: 404 });
  });

  it('show the two entries of the management tab, in their order, or that there is none', async () => {
    const { text } = await get('/connectwise/companies/250');
    expect(text.match(/EFS-34826/g)).toHaveLength(2);
    expect(text.indexOf('Workstations and Servers')).toBeLessThan(text.indexOf('Backup Stats'));
    const empty = await get('/connectwise/companies/251');
    expect(empty.text).toContain('No entry.');
    expect(empty.text).toContain('No ticket.');
  });

  it('of Autotask show type, contracts and contacts', async () => {
    const { text } = await get('/autotask/companies/178');
    expect(text).toContain('Lead');
    expect(text).toContain('No contract.');
    expect((await get('/autotask/companies/175')).text).toContain('Select Storage Contract');
  });
});

it('boards have their statuses, queues and picklists their values', async () => {
  const boards = (await get('/connectwise/boards')).text;
  for (const name of ['Help Desk', '&gt;Closed', 'Old closed', 'Monitoring (default)', 'Priority 3 - Medium'])
    expect(boards).toContain(name);
  const queues = (await get('/autotask/queues')).text;
  for (const name of ['Managed Services Alerts', '29682833', 'Old Queue', 'Resolved by Monitoring'])
    expect(queues).toContain(name);
});

describe('the forms of API users', () => {
  it('E16: New API member, then a key that is shown once and opens the API', async () => {
    const form = { identifier: 'bkticket', name: 'Backup Tickets', roleId: '63', defaultBoardId: '14' };
    const made = await post('/connectwise/members', form);
    expect(made).toMatchObject({ status: 303 });
    const path = (made.headers.get('location') ?? '').replace('/psa', '');
    expect((await get(path)).text).toContain('No key: this member cannot call the API yet.');
    const shown = await post(`${path}/keys`, { description: 'Tickets' });
    expect(shown).toMatchObject({ status: 201 });
    expect(shown.headers.get('cache-control')).toBe('no-store');
    const [publicKey = '', privateKey = ''] = codes(shown);
    const keys = connectWiseKeys(publicKey, privateKey);
    expect(await running.connectwise('GET', '/system/info', undefined, keys)).toMatchObject({ status: 200 });
    expect((await get(path)).text).not.toContain(privateKey);
    expect(await post(`${path}/keys`, { description: '' })).toMatchObject({ status: 400 });
    await post(`${path}/keys/1/delete`, {});
    expect(await running.connectwise('GET', '/system/info', undefined, keys)).toMatchObject({ status: 401 });
    await post(path, { isInactive: 'true' });
    expect((await get(path)).text).toContain('Make active');
  });

  it('D1, D2: New API User comes back with what was typed, and each fault at its field', async () => {
    const bad = await post('/autotask/resources', { firstName: '<b>Backup', emailType: 'Primary' });
    expect(bad).toMatchObject({ status: 400 });
    expect(bad.text).toContain('value="&lt;b&gt;Backup"');
    expect(bad.text).toContain('<option value="Primary" selected>');
    expect(bad.text).toContain('id="lastName-fault">is required');
    expect(bad.text).not.toContain('id="firstName-fault"');
  });

  it('D4: Generate Key and Secret are shown once', async () => {
    const shown = await post('/autotask/resources', {
      firstName: 'Backup', lastName: 'Tickets', emailAddress: 'backup@msp.example', emailType: 'Primary',
      securityLevel: 'API User (System)', dateFormat: 'yyyy-MM-dd', timeFormat: 'HH:mm', numberFormat: 'X,XXX.XX',
      primaryInternalLocation: 'Headquarters', trackingKind: '', integrationName: 'Ours', vendor: '',
    }); // prettier-ignore
    expect(shown).toMatchObject({ status: 201 });
    const [UserName = '', ApiIntegrationCode = '', Secret = ''] = codes(shown);
    const read = (): Promise<{ status: number }> =>
      running.autotask('GET', '/Tickets/1', undefined, { UserName, ApiIntegrationCode, Secret });
    expect(await read()).toMatchObject({ status: 200 });
    expect((await get('/autotask/resources/4')).text).not.toContain(Secret);
    await post('/autotask/resources/4', { isLocked: 'true' });
    expect(await read()).toMatchObject({ status: 401 });
    expect(await post('/autotask/resources/1/secret', {})).toMatchObject({ status: 400 });
    expect(await post('/autotask/resources/4', { securityLevel: 'King' })).toMatchObject({ status: 400 });
  });

  it.each(['https://evil.example', 'null'])('are refused from %s', async (origin) => {
    const form = { identifier: 'x', name: 'x', roleId: '63', defaultBoardId: '14' };
    expect(await post('/connectwise/members', form, origin)).toMatchObject({ status: 403 });
    expect((await get('/connectwise/members')).text.match(/API member</g)).toHaveLength(2);
  });
});

it('every page names itself, says where one is, and can be skipped to', async () => {
  for (const path of [
    '/connectwise/companies',
    '/connectwise/management-report',
    '/connectwise/boards',
    '/connectwise/members',
    '/autotask/companies',
    '/autotask/queues',
    '/autotask/resources',
  ])
    // prettier-ignore
    expect(flat(await get(path))).toMatch(
      new RegExp(`<a class="skip" href="#main">[\\s\\S]*<a href="/psa${path}" aria-current="page">[\\s\\S]*<h1>`),
    );
});
