import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { buildNewTicket, localPort, patient } from './testing/ports.js';
import { httpBytes, tcpScript, type TcpScript } from './testing/tcp-script.js';

let server: TcpScript;
afterEach(() => server.close());

/** Every name leads to the local server, in plain text: the vendor's hosts without the vendor. */
function everyHostIs(port: number): Dispatcher {
  const connect = buildConnector({});
  return new Agent({
    connect: (target, done) =>
      connect({ ...target, protocol: 'http:', hostname: '127.0.0.1', port: String(port) }, done),
  });
}

type Answer = [status: string, body: unknown];

/** Answers by `host path`; the calls are kept in order. */
async function serve(answer: (target: string) => Answer): Promise<string[]> {
  const calls: string[] = [];
  server = await tcpScript((socket, request) => {
    const [, method = '', path = ''] = /^(\S+) (\S+)/.exec(request) ?? [];
    const host = /host: (\S+)/i.exec(request)?.[1] ?? '';
    calls.push(`${method} ${host}${path}`);
    const [status, body] = answer(`${host}${path}`);
    socket.end(httpBytes(status, body === undefined ? '' : JSON.stringify(body), { connection: 'close' }));
  });
  return calls;
}

const TICKET = { id: 7, summary: 'x', externalXRef: 'BK', closedFlag: false };

describe('a ConnectWise cloud host', () => {
  const port = (siteUrl = 'https://eu.myconnectwise.net/') =>
    localPort('connectwise', siteUrl, { dispatcher: everyHostIs(server.port) });

  it('is called under its api- name with the codebase of companyinfo, which is asked once', async () => {
    const calls = await serve((target) =>
      target.includes('/companyinfo/')
        ? ['200 OK', { Codebase: 'v2025_1/', IsCloud: 'True' }]
        : ['200 OK', TICKET],
    );
    const tickets = port();
    await tickets.get('7', patient());
    await tickets.get('7', patient());
    const get = 'GET api-eu.myconnectwise.net/v2025_1/apis/3.0/service/tickets/7';
    expect(calls).toEqual(['GET eu.myconnectwise.net/login/companyinfo/demo', get, get]);
  });

  it('is asked again after a 404, and the call repeated once because the codebase moved', async () => {
    let codebase = 'v2025_1/';
    const calls = await serve((target) => {
      if (target.includes('/companyinfo/')) return ['200 OK', { Codebase: codebase }];
      return target.includes('/v2025_2/') ? ['201 Created', TICKET] : ['404 Not Found', undefined];
    });
    const tickets = port('https://api-eu.myconnectwise.net');
    await expect(tickets.get('7', patient())).resolves.toBeNull();
    expect(calls).toHaveLength(3);
    codebase = 'v2025_2/';
    await expect(tickets.create(buildNewTicket(), patient())).resolves.toMatchObject({ id: '7' });
    expect(calls).toHaveLength(6);
  });

  it.each([[null], [{ Codebase: '../../evil/' }], [{ Codebase: 'https://evil/' }], [{}]])(
    'falls back to the common codebase when companyinfo says %j',
    async (info) => {
      const calls = await serve((target) =>
        target.includes('/companyinfo/') ? ['200 OK', info] : ['200 OK', TICKET],
      );
      await port().get('7', patient());
      expect(calls[1]).toBe('GET api-eu.myconnectwise.net/v4_6_release/apis/3.0/service/tickets/7');
    },
  );

  it('that cannot be asked leaves the ticket unsent', async () => {
    await serve(() => ['503 Service Unavailable', undefined]);
    await expect(port().create(buildNewTicket(), patient())).rejects.toMatchObject({ outcome: 'not_sent' });
  });

  it('names this product and pins the version on every call', async () => {
    await serve(() => ['200 OK', TICKET]);
    await port('https://psa.example/cw').get('7', patient());
    expect(server.requests[0]).toMatch(/^GET \/cw\/v4_6_release\/apis\/3\.0\/service\/tickets\/7 /);
    expect(server.requests[0]).toMatch(/clientid: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i);
    expect(server.requests[0]).toMatch(
      /accept: application\/vnd\.connectwise\.com\+json; version=\d{4}\.\d+/i,
    );
  });
});

it('a status change that answers 200 and changed nothing is no success', async () => {
  const statuses = [{ id: 9, name: 'Closed', closedStatus: true }];
  await serve((target) => [
    '200 OK',
    target.includes('/statuses') ? statuses : { ...TICKET, board: { id: 1 } },
  ]);
  const tickets = localPort('connectwise', `http://127.0.0.1:${server.port}`);
  await expect(tickets.close('7', 'well', patient())).rejects.toMatchObject({
    outcome: 'definitive',
    reason: 'change_ignored',
  });
});

describe('an Autotask zone', () => {
  const ZONE = {
    url: 'https://webservices5.autotask.net/ATServicesRest/',
    webUrl: 'https://ww5.autotask.net/',
  };
  const FIELDS = { fields: [{ name: 'status', picklistValues: [{ value: '5', label: 'Complete' }] }] };
  const port = () =>
    localPort('autotask', '', { dispatcher: everyHostIs(server.port), endpoint: { apiUrl: null } });
  const record = { item: { id: 7, ticketNumber: 'T1.1', status: 5, externalID: 'BK' } };

  it('is discovered by user name, without keys, and kept', async () => {
    const calls = await serve((target) => {
      if (target.includes('zoneInformation')) return ['200 OK', ZONE];
      return ['200 OK', target.includes('/fields') ? FIELDS : record];
    });
    await expect(port().get('7', patient())).resolves.toMatchObject({
      isClosed: true,
      number: 'T1.1',
      url: 'https://ww5.autotask.net/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=7',
    });
    expect(calls).toEqual([
      'GET webservices.autotask.net/atservicesrest/v1.0/zoneInformation?user=api%40demo.example',
      'GET webservices5.autotask.net/ATServicesRest/V1.0/Tickets/7',
      'GET webservices5.autotask.net/ATServicesRest/V1.0/Tickets/entityInformation/fields',
    ]);
    expect(server.requests[0]).not.toMatch(/secret:/i);
    expect(server.requests[1]).toMatch(/secret: demoSecret/i);
  });

  it('is read again after a 401, once, and a 401 from the same zone stays a 401', async () => {
    const calls = await serve((target) =>
      target.includes('zoneInformation') ? ['200 OK', ZONE] : ['401 Unauthorized', undefined],
    );
    await expect(port().get('7', patient())).rejects.toMatchObject({ outcome: 'credential' });
    expect(calls).toHaveLength(3);
  });

  it.each([
    'https://evil.example/',
    'http://webservices5.autotask.net/',
    'https://autotask.net.evil.example/',
    'nonsense',
  ])('that names %s gets no keys', async (url) => {
    const calls = await serve(() => ['200 OK', { ...ZONE, url }]);
    await expect(port().create(buildNewTicket(), patient())).rejects.toMatchObject({ outcome: 'not_sent' });
    expect(calls).toHaveLength(1);
  });

  it.each([
    'https://webservices5.autotask.net',
    'https://webservices5.autotask.net/ATServicesRest/',
    'https://webservices5.autotask.net/ATServicesRest/V1.0/',
  ])('that the partner gives as %s needs no discovery', async (apiUrl) => {
    const calls = await serve((target) => ['200 OK', target.includes('/fields') ? FIELDS : record]);
    const tickets = localPort('autotask', apiUrl, { dispatcher: everyHostIs(server.port) });
    const ticket = await tickets.get('7', patient());
    expect(ticket?.url).toContain('https://ww5.autotask.net/Autotask/');
    expect(calls[0]).toBe('GET webservices5.autotask.net/ATServicesRest/V1.0/Tickets/7');
  });

  it('of an unknown user is a matter of credentials', async () => {
    await serve(() => [
      '500 Internal Server Error',
      { errors: ['Zone information could not be determined'] },
    ]);
    await expect(port().create(buildNewTicket(), patient())).rejects.toMatchObject({ outcome: 'credential' });
  });
});

describe('picklists of Autotask that changed since they were read', () => {
  const fieldsWith = (medium: string) => ({
    fields: [
      {
        name: 'status',
        picklistValues: [
          { value: '1', label: 'New' },
          { value: '5', label: 'Complete' },
        ],
      },
      { name: 'priority', picklistValues: [{ value: medium, label: 'Medium' }] },
      { name: 'queueID', picklistValues: [{ value: '8', label: 'Managed Services Alerts' }] },
    ],
  });

  it('are read again after a refusal, and the ticket is sent once more', async () => {
    let medium = '2';
    const calls = await serve((target) => {
      if (target.includes('/fields')) return ['200 OK', fieldsWith(medium)];
      if (target.endsWith('/Tickets/7')) return ['200 OK', { item: { id: 7, status: 1 } }];
      const isRight = server.requests.at(-1)?.includes(`"priority":${medium}`) === true;
      const text = 'Picklist value [2] does not exist for priority. ; on record number [1].';
      return isRight ? ['200 OK', { itemId: 7 }] : ['500 Internal Server Error', { errors: [text] }];
    });
    const tickets = localPort('autotask', `http://127.0.0.1:${server.port}`);
    await tickets.create(buildNewTicket(), patient());
    medium = '9';
    await expect(tickets.create(buildNewTicket(), patient())).resolves.toMatchObject({ id: '7' });
    const creates = calls.filter((call) => call.endsWith('/V1.0/Tickets'));
    expect(creates).toHaveLength(3);
  });

  it('that still refuse are refused: sent once, not for ever', async () => {
    const calls = await serve((target) => {
      if (target.includes('/fields')) return ['200 OK', fieldsWith('2')];
      return ['500 Internal Server Error', { errors: ['Picklist value [2] does not exist for priority.'] }];
    });
    const tickets = localPort('autotask', `http://127.0.0.1:${server.port}`);
    await expect(tickets.create(buildNewTicket(), patient())).rejects.toMatchObject({
      reason: 'invalid_field',
    });
    expect(calls.filter((call) => call.endsWith('/V1.0/Tickets'))).toHaveLength(1);
  });

  it('that lack the default queue say so before anything is sent (D25)', async () => {
    const lists = fieldsWith('2');
    const calls = await serve(() => [
      '200 OK',
      { fields: lists.fields.filter(({ name }) => name !== 'queueID') },
    ]);
    const tickets = localPort('autotask', `http://127.0.0.1:${server.port}`);
    await expect(tickets.create(buildNewTicket(), patient())).rejects.toMatchObject({
      outcome: 'definitive',
      reason: 'setting_missing',
      vendorMessages: ['Tickets.queueID has no "Managed Services Alerts"'],
    });
    expect(calls.filter((call) => call.startsWith('POST'))).toEqual([]);
  });
});
