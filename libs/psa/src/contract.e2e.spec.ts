import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulatorProcess, type SimulatorProcess } from './corpus/simulator.process.js';
import { buildNewTicket, COMPANY, localPort, patient } from './testing/ports.js';
import { ticketPortContract } from './testing/ticket-port.contract.js';
import { PROVIDER_NAMES, type TicketPort } from './ticket-port.js';

interface SeenTicket {
  id: string;
  summary: string;
  description: string;
  board: string;
  status: string;
  priority: string;
  notes: { text: string }[];
}

let simulator: SimulatorProcess;
beforeAll(async () => {
  simulator = await startSimulatorProcess();
});
afterAll(() => simulator.close());

async function seen(provider: string, query = ''): Promise<SeenTicket[]> {
  const { items } = (await simulator.admin('GET', `/admin/tickets?provider=${provider}${query}`)) as {
    items: SeenTicket[];
  };
  return items;
}

async function recorded(
  provider: string,
  operation?: string,
): Promise<{ method: string; path: string; body: unknown }[]> {
  const query = operation === undefined ? '' : `&operation=${operation}`;
  const { items } = (await simulator.admin('GET', `/admin/requests?provider=${provider}${query}`)) as {
    items: { method: string; path: string; body: unknown }[];
  };
  return items;
}

for (const provider of PROVIDER_NAMES) {
  const portOn = (overrides = {}): TicketPort =>
    localPort(provider, `${simulator.url}/${provider}`, { egress: { answerTimeoutMs: 1_000 }, ...overrides });
  const ticket = (overrides = {}) => buildNewTicket({ companyId: COMPANY[provider], ...overrides });
  const fault = (fields: Record<string, unknown>): Promise<unknown> =>
    simulator.admin('POST', '/admin/faults', { provider, times: 1, ...fields });

  ticketPortContract(provider, async () => ({
    companyId: COMPANY[provider],
    portWith: (ticketing) => portOn({ ticketing }),
    notesOf: async (id) =>
      (await seen(provider)).find((t) => t.id === id)?.notes.map(({ text }) => text) ?? [],
    asHuman: async (id, action, into) => {
      await simulator.admin('POST', `/admin/tickets/${provider}/${id}`, { action, into });
    },
  }));

  describe(`${provider} when the PSA misbehaves`, () => {
    beforeEach(() => simulator.admin('POST', '/admin/reset'));

    const lost = ['drop_reply', 'truncate', 'html_200', 'no_id', 'hang'];
    it.each(lost)('%s after the commit is unknown, and the marker finds the one ticket', async (kind) => {
      await fault({ kind, match: 'create' });
      const wanted = ticket();
      await expect(portOn().create(wanted, patient())).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(portOn().findByMarker(wanted.marker, patient())).resolves.toHaveLength(1);
    });

    it('503 after the commit and 503 before it look the same: unknown', async () => {
      for (const [when, count] of [
        ['after', 1],
        ['before', 0],
      ] as const) {
        await fault({ kind: 'status', status: 503, match: 'create', when });
        const wanted = ticket();
        await expect(portOn().create(wanted, patient())).rejects.toMatchObject({
          outcome: 'unknown',
          status: 503,
        });
        await expect(portOn().findByMarker(wanted.marker, patient())).resolves.toHaveLength(count);
      }
    });

    it('a lagging search hides the ticket for a while, reading it by id does not', async () => {
      await simulator.admin('POST', '/admin/faults', { provider, kind: 'search_lag', delayMs: 600_000 });
      const wanted = ticket();
      const { id } = await portOn().create(wanted, patient());
      await expect(portOn().findByMarker(wanted.marker, patient())).resolves.toEqual([]);
      await expect(portOn().get(id, patient())).resolves.toMatchObject({ id });
      await simulator.admin('DELETE', '/admin/faults');
      await expect(portOn().findByMarker(wanted.marker, patient())).resolves.toHaveLength(1);
    });

    it('a failed search throws: it is never "none found"', async () => {
      await fault({ kind: 'status', status: 500, match: 'search' });
      await expect(portOn().findByMarker('BKX', patient())).rejects.toMatchObject({ outcome: 'unknown' });
    });

    it('a rate limit is carried with its wait', async () => {
      await fault({ kind: 'rate_limit', retryAfter: '30', match: 'create' });
      await expect(portOn().create(ticket(), patient())).rejects.toMatchObject({
        outcome: 'retry_after',
        reason: 'rate_limited',
        retryAfterMs: 30_000,
      });
    });

    it('a note whose answer was lost is not doubled by its retry', async () => {
      const { id } = await portOn().create(ticket(), patient());
      await fault({ kind: 'drop_reply', match: 'note' });
      await expect(portOn().close(id, 'well again', patient())).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(portOn().close(id, 'well again', patient(), { isRetry: true })).resolves.toMatchObject({
        isClosed: true,
      });
      expect((await seen(provider))[0]?.notes).toHaveLength(1);
    });

    it('reads that prepare a write may fail as they like: nothing was sent', async () => {
      const { id } = await portOn().create(ticket(), patient());
      await fault({ kind: 'drop_reply', match: 'get' });
      await expect(portOn().close(id, 'well', patient())).rejects.toMatchObject({ outcome: 'not_sent' });
    });

    it('wrong keys are a matter of credentials, and no key is in the error', async () => {
      const secret = {
        privateKey: 'wrongPrivateKey',
        password: 'wrongPrivateKey',
        trackingIdentifier: 'wrongPrivateKey',
      };
      const failed: unknown = await portOn({ secret })
        .create(ticket(), patient())
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ outcome: 'credential', reason: 'unauthorized' });
      const check = await portOn({ secret }).testConnection(patient());
      expect(check).toMatchObject({
        isOk: false,
        steps: [{ name: 'version', isOk: false, reason: 'unauthorized' }],
      });
    });

    it('the ticket that the PSA shows names prefix, summary and description (D24, D46)', async () => {
      await portOn({ ticketing: { subjectPrefix: '[BFF]' } }).create(ticket(), patient());
      expect((await seen(provider))[0]).toMatchObject({
        summary: '[BFF] Backup failed on SRV-01',
        description: ticket().description,
        board: 'Managed Services Alerts',
        status: 'New',
        priority: expect.stringContaining('Medium'),
      });
    });

    it('tickets outlive the PSA itself being killed', async () => {
      const dataFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'tickets.jsonl');
      const first = await startSimulatorProcess({ dataFile });
      const wanted = ticket();
      const created = await localPort(provider, `${first.url}/${provider}`).create(wanted, patient());
      await first.kill('SIGKILL');
      const second = await startSimulatorProcess({ dataFile });
      const found = await localPort(provider, `${second.url}/${provider}`).findByMarker(
        wanted.marker,
        patient(),
      );
      await second.close();
      expect(found.map(({ id, marker }) => ({ id, marker }))).toEqual([
        { id: created.id, marker: wanted.marker },
      ]);
    });
  });
}

describe('connectwise', () => {
  const portOn = (overrides = {}): TicketPort =>
    localPort('connectwise', `${simulator.url}/connectwise`, overrides);
  beforeEach(() => simulator.admin('POST', '/admin/reset'));

  it('closes with a status of the board that the ticket was moved to', async () => {
    const { id } = await portOn().create(buildNewTicket(), patient());
    await simulator.admin('POST', `/admin/tickets/connectwise/${id}`, { action: 'move' });
    const port = portOn({ ticketing: { completeStatusId: 104, newStatusId: 101 } });
    await expect(port.close(id, 'well', patient())).resolves.toMatchObject({ isClosed: true });
    expect((await seen('connectwise'))[0]).toMatchObject({ board: 'Help Desk', status: '>Closed' });
    await expect(port.reopen(id, 'again', patient())).resolves.toMatchObject({ isClosed: false });
  });

  it('reports a merged ticket with the one it went into', async () => {
    const child = await portOn().create(buildNewTicket(), patient());
    const parent = await portOn().create(buildNewTicket(), patient());
    await simulator.admin('POST', `/admin/tickets/connectwise/${child.id}`, {
      action: 'merge',
      into: parent.id,
    });
    await expect(portOn().get(child.id, patient())).resolves.toMatchObject({
      isClosed: true,
      mergedInto: parent.id,
    });
  });

  it('uses board, status and priority of the settings', async () => {
    const ticketing = { boardId: 14, newStatusId: 202, priorityId: 6 };
    await portOn({ ticketing }).create(buildNewTicket(), patient());
    expect((await seen('connectwise'))[0]).toMatchObject({
      board: 'Help Desk',
      status: 'Assigned',
      priority: 'Priority 1 - Critical',
    });
    const wrong = portOn({ ticketing: { ...ticketing, newStatusId: 101 } }).create(
      buildNewTicket(),
      patient(),
    );
    await expect(wrong).rejects.toMatchObject({
      reason: 'invalid_field',
      vendorMessages: [expect.anything(), expect.stringContaining('status/id')],
    });
  });
});

describe('autotask', () => {
  const portOn = (overrides = {}): TicketPort =>
    localPort('autotask', `${simulator.url}/autotask`, overrides);
  const ticket = () => buildNewTicket({ companyId: '175' });
  beforeEach(() => simulator.admin('POST', '/admin/reset'));

  it('creates nothing while the queue is Do Not Map, and still closes (D26)', async () => {
    const { id } = await portOn().create(ticket(), patient());
    const unmapped = portOn({ ticketing: { queueId: null } });
    await expect(unmapped.create(ticket(), patient())).rejects.toMatchObject({
      outcome: 'definitive',
      reason: 'do_not_map',
    });
    expect(await recorded('autotask', 'create')).toHaveLength(1);
    await expect(unmapped.close(id, 'well', patient())).resolves.toMatchObject({ isClosed: true });
  });

  it('sends all six required fields, and a human-readable number comes back', async () => {
    const created = await portOn().create(ticket(), patient());
    expect(created.number).toMatch(/^T\d{8}\.\d{4}$/);
    const [request] = await recorded('autotask', 'create');
    const fields = ['companyID', 'title', 'status', 'priority', 'dueDateTime', 'queueID'];
    expect(Object.keys(request?.body as object)).toEqual(expect.arrayContaining(fields));
  });

  it('follows the database to its new zone once, and only then', async () => {
    const port = portOn();
    await port.create(ticket(), patient());
    await simulator.admin('PUT', '/admin/switches', { autotaskZone: 'zone-b' });
    await expect(port.create(ticket(), patient())).resolves.toMatchObject({ isClosed: false });
    expect(await seen('autotask')).toHaveLength(2);
  });

  it('keys refused with a 500 are a matter of credentials too', async () => {
    await simulator.admin('PUT', '/admin/switches', { autotaskBadKeysStatus: 500 });
    const secret = { password: 'wrong-one', trackingIdentifier: 'wrong-one' };
    await expect(portOn({ secret }).create(ticket(), patient())).rejects.toMatchObject({
      outcome: 'credential',
    });
  });

  it('an internal error is unknown, a picklist value that is gone is definitive', async () => {
    await simulator.admin('POST', '/admin/faults', {
      provider: 'autotask',
      kind: 'status',
      status: 500,
      match: 'create',
      times: 1,
    });
    await expect(portOn().create(ticket(), patient())).rejects.toMatchObject({
      outcome: 'unknown',
      status: 500,
    });
    const gone = portOn({ ticketing: { queueId: 77 } }).create(ticket(), patient());
    await expect(gone).rejects.toMatchObject({ outcome: 'definitive', reason: 'invalid_field' });
  });

  it('D27: sees that a priority went away after its lists were read', async () => {
    const port = portOn({ ticketing: { priorityId: 1 } });
    expect((await port.create(ticket(), patient())).warning).toBeUndefined();
    await simulator.admin('DELETE', '/admin/catalogue/autotask/priorities/1');
    await expect(port.create(ticket(), patient())).resolves.toMatchObject({ warning: 'priority_replaced' });
    expect((await seen('autotask')).map(({ priority }) => priority)).toEqual([null, 'Medium']);
  });

  it('D5: a field that the tenant made required is named', async () => {
    await simulator.admin('PUT', '/admin/switches', { requiredTicketField: 'customNumber' });
    const refused = portOn().create(ticket(), patient());
    await expect(refused).rejects.toMatchObject({
      outcome: 'definitive',
      vendorMessages: [expect.stringContaining('customNumber')],
    });
  });

  it('the fourth simultaneous call of an entity is put off', async () => {
    await simulator.admin('POST', '/admin/faults', {
      provider: 'autotask',
      kind: 'hang',
      delayMs: 400,
      match: 'get',
    });
    const port = portOn();
    const calls = await Promise.allSettled([1, 2, 3, 4].map(() => port.get('1', patient())));
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason as unknown] : []));
    expect(refused).toEqual([expect.objectContaining({ outcome: 'retry_after', reason: 'thread_limit' })]);
  });
});
