import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { wholePartner, type PartnerId } from '@backhaul/domain';
import { PsaError } from '@backhaul/psa';
import { Logger } from '@nestjs/common';
import { ACCOUNT, CUSTOMER, idOf, PARTNER, TestSystem } from '../testing/system.js';
import { SyncViewRepository } from './sync-view.repository.js';

Logger.overrideLogger(false);
const HOUR_MS = 3_600_000;
const WINDOW_MS = 12 * HOUR_MS;
const down = (): never => {
  throw new PsaError({ outcome: 'unknown', reason: 'server_error' });
};
const scope = wholePartner(PARTNER as PartnerId);

let system: TestSystem;
const ledger = (): Promise<Record<string, unknown>[]> =>
  system.query('SELECT trigger, state, events, figures::json AS figures FROM sync ORDER BY sync_id');
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  await system.connect();
});

describe('the twelve hours of a customer', () => {
  it('F24, F25: the first event pushes, those within twelve hours get the skip line, each in the log of its own account', async () => {
    await system.ask(system.request('first'));
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`]);
    await system.ask(system.request('second', { accountNo: 80202029 }), system.request('third', { accountNo: 80202030 })); // prettier-ignore
    await system.drain();
    expect(await system.told()).toEqual(['80202029 skipped within_window', '80202030 skipped within_window']);
    expect(system.psa.calls).toEqual([
      { custId: CUSTOMER, figures: { successfulBackupJobs: 1, failedBackupJobs: 0 } },
    ]);
    expect(await ledger()).toMatchObject([{ state: 'pushed', events: 1 }, { state: 'skipped', events: 2 }]); // prettier-ignore
  });

  it('F24: one customer says nothing of another', async () => {
    await system.connect({}, [1, 2]);
    await system.ask(system.request('a', { custId: 1 }));
    await system.drain();
    await system.ask(system.request('b', { custId: 1 }), system.request('c', { custId: 2 }));
    await system.drain();
    expect(system.psa.calls.map(({ custId }) => custId)).toEqual([1, 2]);
  });

  it('F27: an event pushes again when twelve hours are over, not a moment before', async () => {
    await system.ask(system.request('first'));
    await system.drain();
    await system.pass(WINDOW_MS - 60_000);
    await system.ask(system.request('just before'));
    await system.drain();
    expect(system.psa.calls).toHaveLength(1);
    await system.pass(60_000);
    await system.ask(system.request('at the end'));
    await system.drain();
    expect(system.psa.calls.map(({ figures }) => figures.successfulBackupJobs)).toEqual([1, 3]);
    expect(await system.told()).toEqual(['done pushed', 'skipped within_window', 'done pushed'].map((said) => `${ACCOUNT} ${said}`)); // prettier-ignore
  });

  it('what they held back is pushed a minute after their end, once, and not when the figures are the same', async () => {
    await system.ask(system.request('first'));
    await system.drain();
    await system.ask(system.request('held back'));
    await system.pass(WINDOW_MS + 59_000);
    await system.drain();
    expect(system.psa.calls).toHaveLength(1);
    await system.pass(1000);
    await system.drain();
    await system.pass(2 * WINDOW_MS);
    await system.drain();
    expect(system.psa.calls.map(({ figures }) => figures.successfulBackupJobs)).toEqual([1, 2]);
    expect((await ledger()).map(({ trigger }) => trigger)).toEqual(['event', 'event', 'window_end']);
    // A restore is no backup: it asks, and changes no figure.
    await system.count({ eventId: idOf('restore'), over: { type: 'restore.completed' } });
    await system.accept.handle([system.request('restore')]);
    await system.drain();
    await system.accept.handle([system.request('restore', { ruleId: idOf('another') })]);
    await system.pass(WINDOW_MS + 60_000);
    await system.drain();
    expect(system.psa.calls).toHaveLength(3);
  });

  it('F29: the push covers all accounts of the customer; the others get skip lines', async () => {
    await system.ask(...[1, 2, 3].map((n) => system.request(`of ${n}`, { accountNo: ACCOUNT + n })));
    await system.drain();
    expect(system.psa.calls).toEqual([
      { custId: CUSTOMER, figures: { successfulBackupJobs: 3, failedBackupJobs: 0 } },
    ]);
    expect(await system.told()).toEqual([
      `${ACCOUNT + 1} done pushed`, `${ACCOUNT + 2} skipped within_window`, `${ACCOUNT + 3} skipped within_window`,
    ]); // prettier-ignore
  });

  it('F10: two rules that ask for the same event are done by one push', async () => {
    await system.ask(system.request('one'), system.request('one', { ruleId: idOf('another rule') }));
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`, `${ACCOUNT} done pushed`]);
    expect(system.psa.calls).toHaveLength(1);
  });

  it('F30: fifty events at once, over several workers, lead to one call and 49 skip lines', async () => {
    const work = async (): Promise<void> => {
      const leases = await system.claim();
      await Promise.all(leases.map((lease) => system.push.handle(lease)));
    };
    await Promise.all(Array.from({ length: 50 }, async (_, n) => {
      await system.ask(system.request(`event ${n}`, { accountNo: ACCOUNT + n }));
      await work();
    })); // prettier-ignore
    await system.drain();
    const told = await system.told();
    expect(system.psa.calls).toHaveLength(1);
    expect([told.filter((said) => said.endsWith('done pushed')).length, told.filter((said) => said.endsWith('skipped within_window')).length]).toEqual([1, 49]); // prettier-ignore
  });

  it('the same request again, from Kafka or in one batch, is told of once', async () => {
    const request = system.request('one');
    await system.ask(request, request);
    await system.drain();
    await system.accept.handle([request]);
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`]);
    expect(system.psa.calls).toHaveLength(1);
  });
});

describe('by hand', () => {
  it('F18: a reprocessed event is pushed within the twelve hours, without a skip line, and begins them anew (F28)', async () => {
    await system.ask(system.request('one'));
    await system.drain();
    await system.pass(HOUR_MS);
    await system.ask(system.request('one', { isForced: true }));
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`, `${ACCOUNT} done pushed`]);
    // The same event is not counted twice.
    expect(system.psa.calls.map(({ figures }) => figures.successfulBackupJobs)).toEqual([1, 1]);
    await system.pass(11.5 * HOUR_MS);
    await system.ask(system.request('twelve and a half hours after the first'));
    expect(await system.told()).toEqual([`${ACCOUNT} skipped within_window`]);
  });

  it('F28: a person pushes at any time, once at a time, and the ledger says who asked', async () => {
    await system.ask(system.request('one'));
    await system.drain();
    const syncId = await system.order.handle(scope, CUSTOMER);
    await expect(system.order.handle(scope, CUSTOMER)).rejects.toMatchObject({ status: 409 });
    await system.drain();
    const views = new SyncViewRepository(system.unitOfWork, 'connectwise');
    expect(await views.find(scope, syncId)).toMatchObject({
      trigger: 'manual',
      state: 'pushed',
      custId: CUSTOMER,
    });
    await system.order.handle(scope, CUSTOMER);
    await system.drain();
    expect(system.psa.calls).toHaveLength(3);
  });

  it('is refused where nothing can be pushed: another partner, a customer of none or not mapped, statistics off, the PSA left alone', async () => {
    await expect(system.order.handle(wholePartner(idOf('stranger') as PartnerId), CUSTOMER)).rejects.toMatchObject({ status: 404 }); // prettier-ignore
    await expect(system.order.handle(scope, 9)).rejects.toMatchObject({ status: 404 });
    await system.query("UPDATE psa_connection SET resume_at = now() + interval '30 s'");
    await expect(system.order.handle(scope, CUSTOMER)).rejects.toMatchObject({ status: 503 });
    await system.query("UPDATE psa_connection SET resume_at = '-infinity'");
    await system.query('UPDATE customer_map SET psa_company_id = NULL');
    await expect(system.order.handle(scope, CUSTOMER)).rejects.toMatchObject({ status: 409 });
    await system.query('DELETE FROM customer_map');
    await system.connect({ statistics: { enabled: false } });
    await expect(system.order.handle(scope, CUSTOMER)).rejects.toMatchObject({ status: 409 });
  });
});

describe('a push that fails', () => {
  it('F28: does not use up the twelve hours; the PSA is asked again with the next event', async () => {
    const message = 'EFS-34826: the entry of device type Backup Stats is missing.';
    system.psa.answer = () => ({ state: 'refused', findings: [{ level: 'warning', reason: 'entry_missing', message }] }); // prettier-ignore
    await system.ask(system.request('one'));
    await system.drain();
    expect(await ledger()).toMatchObject([{ state: 'failed' }]);
    system.psa.answer = () => ({ state: 'pushed', reportId: '9', before: { successfulBackupJobs: 0, failedBackupJobs: 0 } }); // prettier-ignore
    await system.ask(system.request('two'));
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} failed entry_missing`, `${ACCOUNT} done pushed`]);
    expect(system.psa.calls).toHaveLength(2);
  });

  it('is tried again by itself after twelve hours', async () => {
    await system.query('UPDATE customer_map SET psa_company_id = NULL');
    await system.ask(system.request('one'));
    await system.drain();
    expect([await system.told(), system.psa.calls]).toEqual([[`${ACCOUNT} failed unmapped_customer`], []]);
    await system.query("UPDATE customer_map SET psa_company_id = '250'");
    await system.pass(WINDOW_MS);
    await system.drain();
    expect(system.psa.calls).toHaveLength(1);
  });

  it('F37: waits while the PSA is away, says so once in each log, and loses nothing', async () => {
    system.psa.answer = down;
    await system.ask(system.request('one'), system.request('two'));
    await system.drain();
    await system.drain();
    expect(await system.told()).toEqual([
      `${ACCOUNT} pending server_error`,
      `${ACCOUNT} pending server_error`,
    ]);
    expect(system.psa.calls).toHaveLength(1);
    await system.pass(40_000);
    await system.drain();
    expect([await system.told(), system.psa.calls.length]).toEqual([[], 2]);
    await system.ask(system.request('three'));
    system.psa.answer = () => ({ state: 'pushed', reportId: '9', before: { successfulBackupJobs: 0, failedBackupJobs: 0 } }); // prettier-ignore
    await system.pass(600_000);
    await system.drain();
    expect(await system.told()).toEqual(['done pushed', 'skipped within_window', 'skipped within_window'].map((said) => `${ACCOUNT} ${said}`)); // prettier-ignore
    expect(system.psa.calls.at(-1)?.figures.successfulBackupJobs).toBe(3);
  });

  it('keys that the PSA refuses are tried once an hour, new ones at once', async () => {
    system.psa.answer = () => {
      throw new PsaError({ outcome: 'credential', reason: 'unauthorized' });
    };
    await system.ask(system.request('one'));
    await system.drain();
    await system.pass(40 * 60_000);
    await system.drain();
    expect(system.psa.calls).toHaveLength(1);
    await system.connect({ version: '2' });
    await system.pass(4 * HOUR_MS);
    await system.drain();
    expect(system.psa.calls).toHaveLength(2);
  });

  it("one partner's dead PSA holds up nobody else (P5)", async () => {
    const other = idOf('other');
    await system.connect({ partnerId: other }, [7]);
    system.psa.answer = (call) => (call === 1 ? down() : { state: 'pushed', reportId: '9', before: { successfulBackupJobs: 0, failedBackupJobs: 0 } }); // prettier-ignore
    await system.ask(system.request('dead'));
    await system.drain();
    await system.ask(system.request('well', { partnerId: other, custId: 7, accountNo: 7 }));
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} pending server_error`, '7 done pushed']);
  });
});

describe('what is switched off', () => {
  it.each([
    [{ statistics: { enabled: false } }, 'statistics_off'],
    [{ statistics: undefined }, 'statistics_off'],
    [{ isEnabled: false }, 'disabled'],
  ])('E33: with %j nothing is pushed, and the log says why', async (over, reason) => {
    await system.connect(over as never);
    await system.ask(system.request('one'));
    await system.drain();
    expect([await system.told(), system.psa.calls]).toEqual([[`${ACCOUNT} skipped ${reason}`], []]);
  });

  it('E33: what waits when it is switched off is answered', async () => {
    system.psa.answer = down;
    await system.ask(system.request('one'));
    await system.drain();
    await system.connect({ statistics: { enabled: false } });
    await system.pass(HOUR_MS);
    await system.drain();
    expect(await system.told()).toEqual([
      `${ACCOUNT} pending server_error`,
      `${ACCOUNT} skipped statistics_off`,
    ]);
    expect(await system.query('SELECT 1 FROM sync_request')).toEqual([]);
  });

  it('a partner who is suspended waits', async () => {
    await system.query("INSERT INTO known_partner VALUES ($1, 'ACME', true)", [PARTNER]);
    await system.ask(system.request('one'));
    await system.drain();
    expect(system.psa.calls).toEqual([]);
    await system.query('UPDATE known_partner SET is_suspended = false');
    await system.drain();
    expect(system.psa.calls).toHaveLength(1);
  });
});

describe('races and crashes', () => {
  it('a worker that died after the call is followed by another, which writes the same figures; one answer is told', async () => {
    await system.ask(system.request('one'));
    const [dead] = await system.claim();
    await system.psa.push({}, { custId: CUSTOMER, companyId: '250' }, { successfulBackupJobs: 1, failedBackupJobs: 0 }); // prettier-ignore
    await system.drain();
    expect(await system.told()).toEqual([]);
    await system.pass(60_000);
    await system.drain();
    // It was not dead but slow: what it records now counts for nothing.
    if (dead) await system.push.handle(dead);
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`]);
    expect(system.psa.calls.map(({ figures }) => figures)).toEqual([system.psa.calls[0]?.figures, system.psa.calls[0]?.figures]); // prettier-ignore
  });

  it('what comes while a push is under way is held back, and its figures follow after the window', async () => {
    await system.ask(system.request('one'));
    system.psa.answer = async () => {
      await system.ask(system.request('meanwhile'));
      return { state: 'pushed', reportId: '9', before: { successfulBackupJobs: 0, failedBackupJobs: 0 } };
    };
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`, `${ACCOUNT} skipped within_window`]);
    system.psa.answer = () => ({ state: 'pushed', reportId: '9', before: { successfulBackupJobs: 1, failedBackupJobs: 0 } }); // prettier-ignore
    await system.pass(WINDOW_MS + 60_000);
    await system.drain();
    expect(system.psa.calls.map(({ figures }) => figures.successfulBackupJobs)).toEqual([1, 2]);
  });

  it('a reprocess and an order that come while a push is under way get one of their own', async () => {
    await system.ask(system.request('one'));
    system.psa.answer = async (call) => {
      if (call === 1) {
        await system.ask(system.request('one', { isForced: true }));
        await system.order.handle(scope, CUSTOMER);
      }
      return { state: 'pushed', reportId: '9', before: { successfulBackupJobs: 0, failedBackupJobs: 0 } };
    };
    await system.drain();
    expect(await system.told()).toEqual([`${ACCOUNT} done pushed`, `${ACCOUNT} done pushed`]);
    expect(await ledger()).toMatchObject([{ trigger: 'manual', state: 'pushed' }, { trigger: 'event' }]);
    expect(system.psa.calls).toHaveLength(2);
  });

  it('a request that overtook its event waits until that is counted, half a minute at most', async () => {
    await system.accept.handle([system.request('one')]);
    for (const lease of await system.claim()) await system.push.handle(lease);
    expect(system.psa.calls).toEqual([]);
    await system.count({ eventId: idOf('one') });
    await system.pass(1000);
    await system.drain();
    expect(system.psa.calls).toMatchObject([{ figures: { successfulBackupJobs: 1 } }]);
    await system.pass(WINDOW_MS);
    await system.accept.handle([system.request('never counted')]);
    await system.pass(31_000);
    await system.drain();
    expect(system.psa.calls).toHaveLength(2);
  });
});

describe('the figures', () => {
  it('count what ended in 30 days, each event once, in success and failure', async () => {
    const days = (n: number): string => new Date(Date.now() - n * 24 * HOUR_MS).toISOString();
    const ended = (eventId: string, over: object) => ({ eventId: idOf(eventId), over });
    const failed = {
      type: 'backup.failed',
      outcome: { status: 'failed', severity: 'ERROR', phase: 'finished' },
    };
    await system.count(
      ended('1', {}), ended('1', {}), ended('2', { type: 'backup.completed_warnings' }), ended('3', failed),
      ended('4', { occurredAt: days(29) }), ended('5', { occurredAt: days(31) }),
      ended('6', { ...failed, outcome: { ...failed.outcome, dryRun: true } }),
      ended('7', { type: 'backup.started', outcome: { phase: 'started', status: 'running' } }),
      ended('8', { type: 'backup.missed', outcome: { phase: 'observed', status: 'missed' } }),
      ended('9', { type: 'restore.completed', job: { kind: 'restore' } }), ended('10', { type: 'quota.exceeded', outcome: { status: 'quota_exceeded', phase: 'finished' } }),
      ended('11', { flags: ['time_in_future'] }),
    ); // prettier-ignore
    await system.count(ended('3', failed));
    await system.accept.handle([system.request('3')]);
    await system.drain();
    expect(system.psa.calls).toEqual([
      { custId: CUSTOMER, figures: { successfulBackupJobs: 3, failedBackupJobs: 2 } },
    ]);
  });

  it.each([
    ['a type that is not known', { type: 'backup.teleported' }, 'unknown-type'],
    ['no id', { eventId: 'x' }, 'schema'],
    ['no tenant', { tenant: null }, 'schema'],
  ])('are not made of an event with %s: it is set aside', async (_what, over, reason) => {
    await expect(system.count({ eventId: idOf('odd'), over })).rejects.toMatchObject({
      deadLetterClass: reason,
    });
  });
});
