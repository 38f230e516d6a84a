import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '@backhaul/domain';
import type { DecidedAction, MailOutcomePayload } from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { OPTIONS } from '../options/options.js';
import { ACCOUNT, buildKnownEvent, type EventIn } from '../testing/builders.js';
import { MailSystem } from '../testing/mail-system.js';
import { delivered } from '../testing/system.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 30_000 };
const ALL_OFF = Object.fromEntries(OPTIONS.map(({ key }) => [key, false]));

let mail: MailSystem;
beforeAll(async () => {
  mail = await MailSystem.start();
});
afterAll(() => mail.close());
beforeEach(() => mail.empty());
afterEach(() => mail.rest());

const build = (over: EventIn = {}) => buildKnownEvent({ receivedAt: new Date().toISOString(), ...over });
const take = (event: ReturnType<typeof build>, isLate = false, operationId?: string) =>
  mail.system.instance().handle([delivered(event, isLate, operationId)]);
async function told<P>(topic: string): Promise<P[]> {
  const rows = await mail.system.outbox();
  return rows.filter((row) => row.topic === topic).map(({ payload }) => payload as unknown as P);
}
const actions = async (): Promise<DecidedAction[]> =>
  (await told<{ actions: DecidedAction[] }>('notification.decisions.v1')).flatMap((one) => one.actions);
const outcomes = () => told<MailOutcomePayload>('mail.outcomes.v1');
const ends = (count: number): Promise<MailOutcomePayload[]> =>
  eventually(async () => {
    const all = await outcomes();
    expect(all).toHaveLength(count);
    return all;
  }, WAIT);

describe('a rule that mails (F2)', () => {
  it('writes to the account’s contact, whatever its own options say, and tells what came of it', async () => {
    await mail.account('jo@acme.example');
    await mail.switch(ALL_OFF);
    const rule = await mail.system.createRule({ action: 'email' });
    await mail.work();
    const event = build();
    await take(event);
    const [action] = await actions();
    expect(action).toMatchObject({ action: 'email', state: 'pending', ruleId: rule.id, reason: null });
    const [outcome] = await ends(1);
    expect(outcome).toMatchObject({
      requestId: action?.requestId,
      eventId: event.eventId,
      ruleId: rule.id,
      accountNo: ACCOUNT,
      state: 'done',
      reason: 'sent',
      message: 'Sent to 1 address.',
    });
    expect(mail.smtp.to('jo@acme.example')).toHaveLength(1);
  });

  it('adds no second mail to what an option or another rule asks for, and each rule is told', async () => {
    await mail.account('jo@acme.example');
    await mail.system.createRule({ action: 'email' });
    await mail.system.createRule({ action: 'email' });
    await mail.work();
    await take(build());
    expect((await ends(2)).map(({ state }) => state)).toEqual(['done', 'done']);
    expect(mail.smtp.received).toHaveLength(1);
  });

  it('is doubled by no redelivery, not even one that the inbox has forgotten', async () => {
    await mail.account('jo@acme.example');
    await mail.system.createRule({ action: 'email' });
    const event = build();
    await take(event);
    await mail.system.unitOfWork.query('TRUNCATE inbox');
    await take(event);
    await mail.work();
    await ends(1);
    await mail.system.unitOfWork.query('TRUNCATE inbox');
    await take(event);
    expect(await outcomes()).toHaveLength(1);
    // Where the relay has taken that away, it is told once more, under the same id.
    const idOf = async () =>
      (await mail.system.outbox()).find(({ topic }) => topic === 'mail.outcomes.v1')?.id;
    const before = await idOf();
    await mail.system.unitOfWork.query('TRUNCATE inbox, outbox');
    await take(event);
    expect([await idOf(), (await outcomes()).length]).toEqual([before, 1]);
    expect(mail.smtp.received).toHaveLength(1);
  });

  it('is skipped where there is no address, for a late result, and for figures', async () => {
    await mail.system.createRule({ action: 'email', severities: { ok: true, warning: true, error: true } });
    await mail.account('call 0123 456');
    await take(build());
    await mail.account('jo@acme.example');
    await take(build({ job: 'another' }), true);
    await take(build({ type: 'service.status_update' }));
    const said = (await actions()).map(({ state, reason }) => `${state} ${reason}`);
    expect(said).toEqual(['skipped no_address', 'skipped late', 'skipped not_mailable']);
    expect([await mail.mails(), await outcomes()]).toEqual([[], []]);
  });

  it('has failed when the address is refused, and again while that is remembered', async () => {
    await mail.account('gone@acme.example');
    await mail.switch(ALL_OFF);
    await mail.system.createRule({ action: 'email' });
    mail.smtp.refuseRecipient = () => ({ code: 550, text: 'No such user gone@acme.example' });
    await mail.work();
    await take(build());
    const [outcome] = await ends(1);
    expect(outcome).toMatchObject({ state: 'failed', reason: 'bounced' });
    // Contacts stand in no topic but that of accounts.
    expect(JSON.stringify(outcome)).not.toContain('gone@');
    await take(build({ job: 'another' }));
    expect((await ends(2)).at(-1)).toMatchObject({ state: 'failed', reason: 'suppressed' });
  });

  it('is told once when the last of several addresses has ended, however close they end', async () => {
    const addresses = Array.from({ length: 8 }, (_, n) => `jo${n}@acme.example`);
    await mail.account(addresses.join(', '));
    await mail.switch(ALL_OFF);
    await mail.system.createRule({ action: 'email' });
    mail.smtp.refuseRecipient = (address) => (address.startsWith('jo7') ? { code: 550, text: 'No' } : null);
    await Promise.all([mail.work(), mail.work()]);
    const events = Array.from({ length: 10 }, (_, n) => delivered(build({ job: `job ${n}` })));
    await mail.system.instance().handle(events);
    const all = await ends(10);
    expect(new Set(all.map(({ requestId }) => requestId)).size).toBe(10);
    expect(all.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'done'));
    expect(all.every(({ message }) => message.startsWith('Sent to 7 of 8 addresses'))).toBe(true);
  });

  it('mails once more when somebody has the event reprocessed, and options do not', async () => {
    await mail.account('jo@acme.example');
    await mail.system.createRule({ action: 'email' });
    await mail.work();
    const event = build();
    await take(event);
    await ends(1);
    await take(event, false, uuidv7(Date.now()));
    const all = await ends(2);
    expect(new Set(all.map(({ requestId }) => requestId)).size).toBe(2);
    expect(mail.smtp.received).toHaveLength(2);
  });
});
