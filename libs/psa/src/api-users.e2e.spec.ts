import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulatorProcess, type SimulatorProcess } from './corpus/simulator.process.js';
import { buildNewTicket, COMPANY, localPort, patient } from './testing/ports.js';
import { PROVIDER_NAMES, type TicketPort } from './ticket-port.js';

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterAll(() => simulator.close());
beforeEach(() => simulator.admin('POST', '/admin/reset'));

const ask = async <T>(method: string, path: string, body?: object): Promise<T> =>
  (await simulator.admin(method, `/admin${path}`, body)) as T;

/** What a partner's administrator makes in the PSA, and types into our form. */
async function newMember(roleId: number): Promise<{ id: number; port: TicketPort }> {
  const member = { identifier: 'bkticket', name: 'Backup Tickets', roleId, defaultBoardId: 14 };
  const { id } = await ask<{ id: number }>('POST', '/connectwise/members', member);
  const { publicKey, privateKey } = await ask<{ publicKey: string; privateKey: string }>(
    'POST',
    `/connectwise/members/${id}/keys`,
    { description: 'Tickets' },
  );
  const endpoint = { publicKey };
  return { id, port: localPort('connectwise', `${simulator.url}/connectwise`, { endpoint, secret: { privateKey } }) }; // prettier-ignore
}

async function newResource(): Promise<{ id: number; port: TicketPort }> {
  const made = await ask<{
    id: number;
    username: string;
    secret: string;
    tracking: { identifier: string };
  }>('POST', '/autotask/resources', {
    firstName: 'Backup', lastName: 'Tickets', emailAddress: 'backup@msp.example', emailType: 'Primary',
    securityLevel: 'API User (System)', dateFormat: 'yyyy-MM-dd', timeFormat: 'HH:mm', numberFormat: 'X,XXX.XX',
    primaryInternalLocation: 'Headquarters', integrationName: 'Tickets',
  }); // prettier-ignore
  const secret = { password: made.secret, trackingIdentifier: made.tracking.identifier };
  const endpoint = { username: made.username };
  return { id: made.id, port: localPort('autotask', `${simulator.url}/autotask`, { endpoint, secret }) };
}

describe('an API member made in ConnectWise', () => {
  it('E16, B18: opens and closes tickets; removed keys are a matter of credentials', async () => {
    const { id, port } = await newMember(63);
    await expect(port.testConnection(patient())).resolves.toMatchObject({ isOk: true });
    const ticket = await port.create(buildNewTicket(), patient());
    await expect(port.close(ticket.id, 'well', patient())).resolves.toMatchObject({ isClosed: true });
    await ask('DELETE', `/connectwise/members/${id}/keys/1`);
    await expect(port.create(buildNewTicket(), patient())).rejects.toMatchObject({ outcome: 'credential' });
  });

  it('B18: with a role that may only read, creating is forbidden for good', async () => {
    const { port } = await newMember(65);
    await expect(port.create(buildNewTicket(), patient())).rejects.toMatchObject({
      outcome: 'definitive',
      reason: 'forbidden',
    });
  });
});

describe('an API user made in Autotask', () => {
  const ticket = () => buildNewTicket({ companyId: COMPANY.autotask });

  it('D1, D4: opens and closes tickets; once inactive it is a matter of credentials', async () => {
    const { id, port } = await newResource();
    await expect(port.testConnection(patient())).resolves.toMatchObject({ isOk: true });
    const created = await port.create(ticket(), patient());
    await expect(port.close(created.id, 'well', patient())).resolves.toMatchObject({ isClosed: true });
    await ask('PATCH', `/autotask/resources/${id}`, { isActive: false });
    await expect(port.create(ticket(), patient())).rejects.toMatchObject({ outcome: 'credential' });
  });

  it('that may only read: creating is forbidden for good, although the PSA says 500', async () => {
    const { port } = await newResource();
    await ask('PUT', '/switches', { autotaskCanWrite: false });
    await expect(port.create(ticket(), patient())).rejects.toMatchObject({
      outcome: 'definitive',
      reason: 'forbidden',
      status: 500,
    });
  });
});

describe.each(PROVIDER_NAMES)('%s', (provider) => {
  const port = (): TicketPort => localPort(provider, `${simulator.url}/${provider}`);
  const ticket = () => buildNewTicket({ companyId: COMPANY[provider] });
  const fault = (fields: object): Promise<unknown> =>
    ask('POST', '/faults', { provider, match: 'create', times: 1, ...fields });

  it('an empty 200 is unknown, and the marker finds the one ticket', async () => {
    await fault({ kind: 'empty_200' });
    const wanted = ticket();
    await expect(port().create(wanted, patient())).rejects.toMatchObject({ outcome: 'unknown' });
    await expect(port().findByMarker(wanted.marker, patient())).resolves.toHaveLength(1);
  });

  it('a limit that is told by a page waits as one without a header does', async () => {
    await fault({ kind: 'rate_limit_page', retryAfter: '20' });
    await expect(port().create(ticket(), patient())).rejects.toMatchObject({
      outcome: 'retry_after',
      reason: 'rate_limited',
    });
  });
});

it('a refusal of Autotask is read from objects as from texts', async () => {
  await ask('PUT', '/switches', { autotaskErrorObjects: true });
  const port = localPort('autotask', `${simulator.url}/autotask`);
  await expect(port.create(buildNewTicket({ companyId: '177' }), patient())).rejects.toMatchObject({
    outcome: 'definitive',
    reason: 'invalid_field',
    vendorMessages: [expect.stringContaining('companyID')],
  });
});

it('a ticket that became a project ticket is gone for our side, and can be read no more', async () => {
  const port = localPort('connectwise', `${simulator.url}/connectwise`);
  const { id } = await port.create(buildNewTicket(), patient());
  await ask('POST', `/tickets/connectwise/${id}`, { action: 'project' });
  await expect(port.get(id, patient())).resolves.toBeNull();
});
