import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Provider } from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import { RunningTicketing } from './testing/running.js';
import type { Subject } from './testing/subject.js';

jest.setTimeout(240_000);
const AT_REST = { outbox: 0, lanes: 0, commands: 0, doubles: 0 };

describe.each<Provider>(['connectwise', 'autotask'])('ticketing for %s', (provider) => {
  let running: RunningTicketing;

  beforeAll(async () => {
    running = await RunningTicketing.start(provider);
  });
  afterAll(() => running.close());
  afterEach(async () => {
    await running.simulator.admin('DELETE', '/admin/faults');
    await eventually(async () => expect(await running.leftovers()).toEqual(AT_REST), { timeoutMs: 30_000 });
  });

  const open = async (subject: Subject) => {
    const opening = await running.request(subject, 'raise');
    expect(await running.outcome(opening)).toBe('done opened');
    return opening;
  };

  it('opens one ticket, notes the repeat, closes it and opens it again (E1, E2, F34)', async () => {
    const subject = await running.subject();
    const opening = await open(subject);
    const repeat = await running.request(subject, 'raise');
    expect(await running.outcome(repeat)).toBe('done noted');
    const healed = await running.request(subject, 'resolve');
    expect(await running.outcome(healed)).toBe('done resolved');
    const [ticket, ...others] = await running.tickets(opening);
    expect(others).toEqual([]);
    expect(ticket?.isClosed).toBe(true);
    expect(ticket?.summary).toBe('[BFF] Backup failed: ACME-WS07 (Nightly files) - ACME Corp');
    expect(ticket?.description).toContain(`Account: ${subject.accountNo} (acme-backup)`);
    const said = ticket?.notes.map(({ text }) => text).join('\n') ?? '';
    expect(said.match(/Seen 2 times/g)).toHaveLength(1);
    expect(said.match(/Closed automatically/g)).toHaveLength(1);
    expect(await running.outcome(await running.request(subject, 'raise'))).toBe('done reopened');
    expect(await running.tickets(opening)).toMatchObject([{ isClosed: false }]);
  });

  it('acts once on a request that is delivered many times (F19)', async () => {
    const opening = await open(await running.subject());
    for (let n = 0; n < 5; n += 1) await running.resend(opening);
    await running.outcome(await running.request(await running.subject(), 'raise'));
    expect(await running.tickets(opening)).toMatchObject([{ notes: expect.any(Array) }]);
    expect((await running.tickets(opening))[0]?.notes.filter(({ text }) => text.includes('Seen'))).toEqual(
      [],
    );
  });

  it.each([
    ['drops the reply (row 32)', { kind: 'drop_reply' }],
    ['cuts the reply in the middle (row 33)', { kind: 'truncate' }],
    ['answers with a page (row 34)', { kind: 'html_200' }],
    ['answers without an id (row 34)', { kind: 'no_id' }],
    ['fails after it has done it (row 35)', { kind: 'status', status: 503, when: 'after' }],
    ['fails before it does anything', { kind: 'status', status: 503, when: 'before' }],
    ['hangs (row 31)', { kind: 'hang' }],
    ['asks to wait (row 37)', { kind: 'rate_limit', retryAfter: '1' }],
  ])('makes one ticket when the PSA %s', async (_what, fault) => {
    const subject = await running.subject();
    await running.fault({ match: 'create', ...fault });
    const opening = await open(subject);
    expect(await running.tickets(opening)).toHaveLength(1);
    expect(await running.outcome(await running.request(subject, 'resolve'))).toBe('done resolved');
    expect(await running.tickets(opening)).toMatchObject([{ isClosed: true }]);
  });

  it('makes one ticket when the search lags behind a lost reply (row 36)', async () => {
    const subject = await running.subject();
    await running.fault({ kind: 'search_lag', delayMs: 450, times: null });
    await running.fault({ match: 'create', kind: 'drop_reply' });
    const opening = await open(subject);
    expect(await running.tickets(opening)).toHaveLength(1);
  });

  it.each([
    ['note', 'raise', 'done noted', /Seen 2 times/g],
    ['close', 'resolve', 'done resolved', /Closed automatically/g],
  ] as const)('writes a %s once when its reply is lost', async (_what, intent, outcome, text) => {
    const subject = await running.subject();
    const opening = await open(subject);
    await running.fault({ match: 'note', kind: 'drop_reply' });
    expect(await running.outcome(await running.request(subject, intent))).toBe(outcome);
    const [ticket] = await running.tickets(opening);
    expect(
      ticket?.notes
        .map((note) => note.text)
        .join('\n')
        .match(text),
    ).toHaveLength(1);
  });

  it('reopens with a note what a person closed while it fails, and makes anew what one deleted (row 42)', async () => {
    const subject = await running.subject();
    const opening = await open(subject);
    const [first] = await running.tickets(opening);
    await running.asHuman(first?.id ?? '', 'close');
    expect(await running.outcome(await running.request(subject, 'raise'))).toBe('done reopened');
    expect(await running.tickets(opening)).toMatchObject([{ isClosed: false }]);
    await running.asHuman(first?.id ?? '', 'delete');
    const later = await running.request(subject, 'raise');
    expect(await running.outcome(later)).toBe('done opened');
    expect(await running.tickets(later)).toMatchObject([{ isClosed: false }]);
    expect(await running.outcome(await running.request(subject, 'resolve'))).toBe('done resolved');
    expect(await running.tickets(later)).toMatchObject([{ isClosed: true }]);
  });

  it('follows a merged ticket to its parent, however often merged, and opens nothing (E64)', async () => {
    const [parent, middle, subject] = [
      await running.subject(),
      await running.subject(),
      await running.subject(),
    ];
    const [target] = await running.tickets(await open(parent));
    const [between] = await running.tickets(await open(middle));
    const opening = await open(subject);
    const [ticket] = await running.tickets(opening);
    // Autotask knows no merged tickets, only ones that a problem's ticket has closed.
    const into = provider === 'connectwise' ? between : target;
    await running.asHuman(ticket?.id ?? '', 'merge', into?.id);
    if (provider === 'connectwise') await running.asHuman(between?.id ?? '', 'merge', target?.id);
    const next = await running.request(subject, 'raise');
    expect(await running.outcome(next)).toBe('done merged');
    expect(running.outcomes.get(next.requestId)?.message).toContain('merged');
    expect(await running.tickets(opening)).toMatchObject([{ isClosed: true }]);
    const parents = (await running.tickets()).filter(({ id }) => id === target?.id);
    expect(parents).toMatchObject([
      { isClosed: false, notes: [{ text: expect.stringContaining('Seen 2 times') }] },
    ]);
  });

  it.each([
    ['moved', 'move', 'moved to another board or queue'],
    ['child', 'child', 'made a child of another ticket'],
  ] as const)(
    'goes on with a ticket that is %s, opens nothing and warns (E64)',
    async (reason, action, words) => {
      const [parent, subject] = [await running.subject(), await running.subject()];
      const [target] = await running.tickets(await open(parent));
      const opening = await open(subject);
      const [ticket] = await running.tickets(opening);
      await running.asHuman(ticket?.id ?? '', action, target?.id);
      const next = await running.request(subject, 'raise');
      expect(await running.outcome(next)).toBe(`done ${reason}`);
      expect(running.outcomes.get(next.requestId)?.message).toContain(words);
      expect(await running.outcome(await running.request(subject, 'resolve'))).toBe(`done ${reason}`);
      expect(await running.tickets(opening)).toMatchObject([{ id: ticket?.id, isClosed: true }]);
    },
  );

  it('opens nothing in place of a deleted ticket whose problem is over (E2)', async () => {
    const subject = await running.subject();
    const opening = await open(subject);
    const [ticket] = await running.tickets(opening);
    await running.asHuman(ticket?.id ?? '', 'delete');
    const before = (await running.tickets()).length;
    expect(await running.outcome(await running.request(subject, 'resolve'))).toBe('skipped ticket_deleted');
    expect((await running.tickets()).length).toBe(before);
  });

  it('shows its partner the problem with its timeline and ticket, and closes it by hand (F13)', async () => {
    const subject = await running.subject();
    const opening = await open(subject);
    const partner = running.callerOf(subject);
    const list = await partner('GET', `/api/v1/incidents?state=open&accountNo=${subject.accountNo}`);
    expect(list).toMatchObject({ status: 200 });
    const [incident] = (list.body as { items: { id: string }[] }).items;
    const [ticket] = await running.tickets(opening);
    const shown = await partner('GET', `/api/v1/incidents/${incident?.id}`);
    expect(shown.body).toMatchObject({
      accountNo: subject.accountNo,
      state: 'open',
      ticket: { provider, id: ticket?.id, state: 'open' },
      timeline: [{ kind: 'opened', eventId: opening.eventId }, { kind: 'opened' }],
    });
    expect((await partner('POST', `/api/v1/incidents/${incident?.id}/retry`)).status).toBe(409);
    expect((await partner('POST', `/api/v1/incidents/${incident?.id}/resolve`)).status).toBe(204);
    await eventually(async () => expect(await running.tickets(opening)).toMatchObject([{ isClosed: true }]));
    expect((await partner('POST', `/api/v1/incidents/${incident?.id}/resolve`)).status).toBe(409);
    const lanes = await partner('GET', '/api/v1/lanes');
    expect(lanes.body).toMatchObject({ items: [{ accountNo: subject.accountNo }] });
    const stranger = running.callerOf(await running.subject());
    expect((await stranger('GET', `/api/v1/incidents/${incident?.id}`)).status).toBe(404);
    expect((await stranger('POST', `/api/v1/incidents/${incident?.id}/resolve`)).status).toBe(404);
    expect((await fetch(`${running.service.url}/api/v1/incidents`)).status).toBe(401);
  });

  it('goes on at once with new credentials after the old ones were refused (row 38)', async () => {
    const subject = await running.subject();
    const wrong =
      provider === 'connectwise' ? { privateKey: 'no' } : { password: 'no', trackingIdentifier: 'no' };
    await running.connect(subject, { version: '2', secret: wrong });
    await running.knows(subject, '2');
    const opening = await running.request(subject, 'raise');
    expect(await running.outcome(opening)).toBe('failed unauthorized');
    await running.connect(subject, { version: '3' });
    await eventually(() => expect(running.outcomes.get(opening.requestId)?.state).toBe('done'), {
      timeoutMs: 30_000,
    });
    expect(await running.tickets(opening)).toHaveLength(1);
  });

  it('catches up with nothing lost after the PSA was away, while others are served (P5, row 30)', async () => {
    const subjects = [await running.subject(), await running.subject(), await running.subject()];
    await running.fault({ kind: 'down', times: null });
    const openings = [];
    for (const subject of subjects) openings.push(await running.request(subject, 'raise'));
    const healed = await running.request(subjects[0] as Subject, 'resolve');
    const [first] = openings;
    await eventually(() =>
      expect(running.outcomes.get(first?.requestId ?? '')?.state).toMatch(/^(pending|superseded)$/),
    );
    await running.simulator.admin('DELETE', '/admin/faults');
    await Promise.all([...openings, healed].map((request) => running.outcome(request, 90_000)));
    for (const opening of openings.slice(1))
      expect(await running.tickets(opening)).toMatchObject([{ isClosed: false }]);
    const healedTickets = await running.tickets(first);
    expect(healedTickets.filter(({ isClosed }) => !isClosed)).toEqual([]);
  });
});
