import { describe, expect, it } from '@jest/globals';
import {
  type EventType,
  incidentKeyOf,
  isUuid,
  type RuleId,
  type Severity,
  uuidFrom,
} from '@backhaul/domain';
import { RuleIndex } from '../rules/rule-index.js';
import type { Rule } from '../rules/rule.js';
import { buildKnownEvent, buildRule, type EventIn, PARTNER } from '../testing/builders.js';
import { type EventDecision, EventDecider } from './event-decision.js';
import { RaisedBook } from './raised-book.js';

/** Applies the rules to events in turn, as a consumer would. */
function course(rules: Rule[]) {
  const index = new RuleIndex();
  index.replace(PARTNER, rules);
  const book = new RaisedBook([]);
  return {
    book,
    index,
    next: (over: EventIn = {}, isLate = false): EventDecision => {
      const event = buildKnownEvent(over);
      return new EventDecider(event, { isLate }, book).decide(index.matching(event));
    },
  };
}
const intents = (decision: EventDecision): string[] =>
  decision.tickets.map(({ provider, request }) => `${provider} ${request.intent}`);

describe('EventDecider', () => {
  it('asks for a ticket that says what happened, with a request id that can be computed again', () => {
    const rule = buildRule();
    const { next } = course([rule]);
    const decision = next({ message: 'a\ud800b' });
    const request = decision.tickets[0]?.request;
    expect(request).toMatchObject({
      ruleId: rule.id,
      ruleName: rule.name,
      custId: 34826,
      accountNo: 80202028,
      intent: 'raise',
      severity: 'ERROR',
      subject: {
        eventType: 'backup.failed',
        hostName: 'ACME-FS01',
        jobName: 'ACME files',
        agent: 'duplicati',
        message: 'a\ufffdb',
      },
    });
    expect(request?.requestId).toBe(uuidFrom(request?.eventId ?? '', rule.id, 'connectwise'));
    expect(decision.actions).toEqual([
      {
        requestId: request?.requestId,
        ruleId: rule.id,
        ruleName: rule.name,
        action: 'open_connectwise_ticket',
        state: 'pending',
        reason: null,
        message: null,
      },
    ]);
  });

  it('ends what it raised, and nothing that it did not raise (F33)', () => {
    const { next } = course([buildRule()]);
    expect(intents(next({ type: 'backup.completed' }))).toEqual([]);
    next();
    expect(intents(next({ type: 'backup.completed', job: 'other' }))).toEqual([]);
    expect(intents(next({ type: 'backup.completed' }))).toEqual(['connectwise resolve']);
    expect(intents(next({ type: 'backup.completed' }))).toEqual([]);
  });

  it('raises again each time it fails, for a note to be added (F34)', () => {
    const { next } = course([buildRule()]);
    expect([next(), next({ type: 'backup.timeout' })].map(intents)).toEqual([
      ['connectwise raise'],
      ['connectwise raise'],
    ]);
  });

  it('asks once for each rule, of one problem (F10)', () => {
    const { next } = course([buildRule(), buildRule(), buildRule({ action: 'open_autotask_ticket' })]);
    const { tickets } = next();
    expect(new Set(tickets.map(({ request }) => request.requestId)).size).toBe(3);
    expect(new Set(tickets.map(({ request }) => request.incidentKey)).size).toBe(1);
    expect(intents(next({ type: 'backup.completed' })).sort()).toEqual([
      'autotask resolve',
      'connectwise resolve',
      'connectwise resolve',
    ]);
  });

  it('ends a problem also when its rule is gone or changed', () => {
    const rule = buildRule();
    const { index, next } = course([rule]);
    next();
    index.replace(PARTNER, []);
    const decision = next({ type: 'backup.completed' });
    expect(intents(decision)).toEqual(['connectwise resolve']);
    expect(decision.actions[0]).toMatchObject({ ruleId: rule.id, ruleName: rule.name, state: 'pending' });
  });

  const errorsOnly = { ok: false, warning: false, error: true };
  it('takes a success with warnings for the end of a failure, where no rule wants warnings', () => {
    const { next } = course([buildRule({ severities: errorsOnly })]);
    next();
    expect(intents(next({ type: 'backup.completed_warnings' }))).toEqual(['connectwise resolve']);
  });

  it('keeps the ticket open over warnings as long as one rule wants them, and ends it with the success', () => {
    const { next } = course([buildRule({ severities: errorsOnly }), buildRule()]);
    next();
    expect(intents(next({ type: 'backup.completed_warnings' }))).toEqual(['connectwise raise']);
    expect(intents(next({ type: 'backup.completed' }))).toEqual([
      'connectwise resolve',
      'connectwise resolve',
    ]);
  });

  it("ends an account's missing backups with any job's success, each under its own request id", () => {
    const { next } = course([buildRule()]);
    next({ type: 'backup.none_recent', job: 'none' });
    next({ type: 'backup.failed', job: 'b' });
    const { tickets } = next({ type: 'backup.completed', job: 'b' });
    expect(tickets.map(({ request }) => request.intent)).toEqual(['resolve', 'resolve']);
    expect(new Set(tickets.map(({ request }) => request.requestId)).size).toBe(2);
    expect(new Set(tickets.map(({ request }) => request.incidentKey)).size).toBe(2);
  });

  it.each<[EventType, Severity]>([
    ['service.status_update', 'ERROR'],
    ['disk_usage', 'WARNING'],
  ])('%s raises as %s and ends as OK', (type, severity) => {
    const { next } = course([buildRule()]);
    expect(intents(next({ type, severity }))).toEqual(['connectwise raise']);
    expect(intents(next({ type, severity: 'OK' }))).toEqual(['connectwise resolve']);
  });

  it('makes good news its own ticket where a rule wants it, without leaving the problem open (F6)', () => {
    const { next } = course([buildRule({ severities: { ok: true, warning: true, error: true } })]);
    next();
    const { tickets } = next({ type: 'backup.completed' });
    const own = incidentKeyOf(buildKnownEvent());
    expect(tickets.map(({ request }) => [request.intent, request.incidentKey])).toEqual([
      ['raise', `${own}#ok`],
      ['resolve', own],
    ]);
    expect(next({ type: 'backup.completed' }).tickets.map(({ request }) => request.incidentKey)).toEqual([
      `${own}#ok`,
    ]);
  });

  it('neither raises nor ends anything for a late event, and says so', () => {
    const { next, book } = course([buildRule(), buildRule({ action: 'sync_connectwise' })]);
    const late = next({}, true);
    expect(late.tickets).toEqual([]);
    expect(late.syncs).toHaveLength(1);
    expect(late.actions).toContainEqual(expect.objectContaining({ state: 'skipped', reason: 'late' }));
    expect(book.changes()).toEqual({ raised: [], cleared: [], left: [], heard: [] });
    next();
    const lateSuccess = next({ type: 'backup.completed' }, true);
    expect(lateSuccess.tickets).toEqual([]);
    expect(lateSuccess.actions).toContainEqual(expect.objectContaining({ state: 'skipped', reason: 'late' }));
    expect(intents(next({ type: 'backup.completed' }))).toEqual(['connectwise resolve']);
  });

  it('does nothing for a run that goes on, but lets other actions know of its start', () => {
    const { next } = course([
      buildRule({ severities: { ok: true, warning: true, error: true } }),
      buildRule({ action: 'sync_connectwise' }),
    ]);
    expect(next({ type: 'backup.started', phase: 'progress' })).toEqual({
      tickets: [],
      syncs: [],
      mails: [],
      webhooks: [],
      actions: [],
    });
    const started = next({ type: 'backup.started', phase: 'started' });
    expect(started.tickets).toEqual([]);
    expect(started.syncs).toHaveLength(1);
  });

  it('lets a dry run neither open nor close anything', () => {
    const { next, index, book } = course([buildRule()]);
    next();
    for (const type of ['backup.failed', 'backup.completed'] as const) {
      const event = buildKnownEvent({ type });
      event.outcome.dryRun = true;
      const decision = new EventDecider(event, { isLate: false }, book).decide(index.matching(event));
      expect(decision).toEqual({ tickets: [], syncs: [], mails: [], webhooks: [], actions: [] });
    }
    expect(intents(next({ type: 'backup.completed' }))).toEqual(['connectwise resolve']);
  });

  it('asks for a mail', () => {
    const { actions, tickets, syncs, mails } = course([buildRule({ action: 'email' })]).next();
    expect([tickets, syncs]).toEqual([[], []]);
    expect(actions.map(({ action, state, reason }) => [action, state, reason])).toEqual([
      ['email', 'pending', null],
    ]);
    expect(actions.every(({ requestId }) => isUuid(requestId))).toBe(true);
    expect(mails.map(({ requestId }) => requestId)).toEqual([actions[0]?.requestId]);
  });

  it('asks for one call of a webhook, with an id that can be computed again', () => {
    const webhook = { url: 'https://hooks.example/x', disabledReason: null };
    const rule = buildRule({
      action: 'webhook',
      webhook,
      severities: { ok: true, warning: true, error: true },
    });
    const { next } = course([rule]);
    const { webhooks, actions } = next({ message: 'Disk\u0007 full' });
    expect(actions).toMatchObject([
      { action: 'webhook', state: 'pending', requestId: webhooks[0]?.deliveryId },
    ]);
    expect(webhooks[0]?.deliveryId).toBe(uuidFrom(webhooks[0]?.causeId ?? '', rule.id, 'webhook'));
    expect(JSON.parse(webhooks[0]?.body ?? '')).toMatchObject({
      type: 'backup.failed',
      data: { severity: 'ERROR', accountNo: 80202028, hostName: 'ACME-FS01', message: 'Disk  full' },
    });
    expect(next({ type: 'backup.completed' }).webhooks).toHaveLength(1);
    expect(next({}, true).actions).toMatchObject([{ state: 'skipped', reason: 'late' }]);
  });

  it.each([
    ['no_webhook', null],
    ['webhook_disabled', { url: 'https://hooks.example/x', disabledReason: '410' }],
  ])('calls nobody: %s', (reason, webhook) => {
    const { webhooks, actions } = course([buildRule({ action: 'webhook', webhook })]).next();
    expect(webhooks).toEqual([]);
    expect(actions).toMatchObject([{ state: 'skipped', reason }]);
  });
});

describe('RaisedBook', () => {
  const raise = (book: RaisedBook, eventType: EventType = 'backup.failed') => {
    const event = buildKnownEvent();
    const raised = {
      partnerId: event.tenant.partnerId,
      accountNo: event.tenant.accountNo,
      incidentKey: 'key',
      provider: 'autotask' as const,
      ruleId: '01920000-0000-7000-8000-0000000000aa' as RuleId,
      ruleName: 'rule',
      eventType,
      siteCustId: null,
    };
    book.raise(raised);
    return raised;
  };

  it('writes nothing for a repeat, and the last word of a problem that came and went', () => {
    const stored = raise(new RaisedBook([]));
    const book = new RaisedBook([stored]);
    raise(book);
    expect(book.changes()).toEqual({ raised: [], cleared: [], left: [], heard: [] });
    raise(book, 'backup.timeout');
    expect(book.changes().raised).toEqual([{ ...stored, eventType: 'backup.timeout' }]);
    book.clear(stored);
    expect(book.at('key')).toEqual([]);
    expect(book.changes()).toMatchObject({ raised: [], cleared: [{ incidentKey: 'key' }] });
  });
});
