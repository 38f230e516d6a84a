import { describe, expect, it } from '@jest/globals';
import type { CanonicalEvent } from '../canonical-event.js';
import { resolves } from '../event-type-info.js';
import type { EventType } from '../event-types.js';
import { incidentKeyOf, keysResolvedBy } from '../incident-key.js';
import { keyedOf } from '../testing/result.js';
import { accountDue, type AlarmType, expectationOf, jobDue } from './due.js';
import {
  DEFAULT_SCHEDULE,
  type JobSchedule,
  scheduleOfJob,
  type ScheduleSettings,
} from './schedule-settings.js';
import { accountAfter, jobAfter, newAccountWatch, newJobWatch, type SeenEvent } from './watches.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 2, 22);
const DAILY: JobSchedule = { mode: 'set', times: { everyHours: 24 } };

const seen = (type: EventType, atMs: number, over: Partial<SeenEvent> = {}): SeenEvent => ({
  type,
  isConclusive: type !== 'backup.started' && type !== 'backup.missed',
  receivedMs: atMs,
  occurredMs: atMs,
  ...over,
});
const jobAt = (...events: SeenEvent[]) => events.reduce(jobAfter, newJobWatch());
const accountAt = (...events: SeenEvent[]) => events.reduce(accountAfter, newAccountWatch(START));
const due = (watch: ReturnType<typeof newJobWatch>, job = DAILY, settings = DEFAULT_SCHEDULE) =>
  jobDue(watch, job, settings);

describe('a job that is silent', () => {
  it('is missed six hours after its time, once', () => {
    const watch = jobAt(seen('backup.completed', START));
    expect(due(watch)).toEqual({
      type: 'backup.missed',
      severity: 'ERROR',
      expectedMs: START + DAY_MS,
      dueMs: START + DAY_MS + 6 * HOUR_MS,
    });
    expect(due({ ...watch, status: 'missed' })).toBeNull();
  });

  it.each<[EventType]>([['backup.completed'], ['backup.failed'], ['backup.timeout'], ['backup.cancelled'], ['quota.exceeded'], ['backup.skipped']])(
    'is not missed once it ran, however that ended: %s',
    (type) => {
      const watch = jobAt(seen('backup.completed', START), seen('backup.missed', START + 31 * HOUR_MS), seen(type, START + 32 * HOUR_MS));
      expect(due(watch)?.expectedMs).toBe(START + 56 * HOUR_MS);
    },
  ); // prettier-ignore

  it('is not missed while its run goes on, and stalled after a day without a sign of life', () => {
    const watch = jobAt(seen('backup.completed', START), seen('backup.started', START + DAY_MS));
    const stalled = { type: 'backup.stalled', severity: 'WARNING', dueMs: START + 2 * DAY_MS };
    expect(due(watch)).toMatchObject(stalled);
    expect(due(jobAfter(watch, seen('backup.started', START + DAY_MS + HOUR_MS)))?.dueMs).toBe(
      START + 2 * DAY_MS + HOUR_MS,
    );
    expect(due(jobAfter(watch, seen('backup.failed', START + DAY_MS + HOUR_MS)))?.type).toBe('backup.missed');
    expect(due(jobAfter(watch, seen('backup.skipped', START + DAY_MS + HOUR_MS)))).toMatchObject(stalled);
    expect(due({ ...watch, status: 'stalled' })).toBeNull();
  });

  it('of which the agent itself says that it was missed is not told a second time', () => {
    expect(due(jobAt(seen('backup.completed', START), seen('backup.missed', START + DAY_MS)))).toBeNull();
  });

  it.each<[string, SeenEvent]>([
    ['a dry run', seen('backup.completed', START + DAY_MS, { isConclusive: false })],
    [
      'a history that is imported',
      seen('backup.completed', START + DAY_MS, { occurredMs: START - 20 * DAY_MS }),
    ],
    ['a check of what is stored', seen('verify.ok', START + DAY_MS)],
    ['a missed run of long ago', seen('backup.missed', START - DAY_MS)],
    ['what came before', seen('backup.completed', START - DAY_MS)],
  ])('is not helped by %s', (_what, event) => {
    const watch = jobAt(seen('backup.completed', START));
    expect(due(jobAfter(watch, event))).toEqual(due(watch));
  });

  it('is expected again after the time of which nothing can be said', () => {
    const watch = { ...jobAt(seen('backup.completed', START)), excusedMs: START + 30 * HOUR_MS };
    expect(due(watch)?.expectedMs).toBe(START + 54 * HOUR_MS);
    expect(jobAfter(watch, seen('backup.completed', START + 31 * HOUR_MS)).excusedMs).toBeNull();
  });

  it('is not expected before anything is known of it, nor with mode off', () => {
    expect(due(newJobWatch())).toBeNull();
    const watch = jobAt(seen('backup.completed', START));
    expect(due(watch, { mode: 'learned', times: null })).toBeNull();
    expect(due(watch, { mode: 'off', times: null })).toBeNull();
    expect(expectationOf(watch, { mode: 'off', times: null })).toBeNull();
  });

  it('learns from runs that saved something, not from those that failed', () => {
    const runs = Array.from({ length: 12 }, (_, day) => [
      seen('backup.completed', START + day * DAY_MS),
      seen('backup.failed', START + day * DAY_MS + 10 * HOUR_MS),
    ]).flat();
    const expected = expectationOf(jobAt(...runs), { mode: 'learned', times: null });
    expect(expected?.from).toMatchObject({ medianMs: DAY_MS });
  });

  it('is expected when the agent said, from the first run on; when it was set, that counts', () => {
    const learned: JobSchedule = { mode: 'learned', times: null };
    const toldMs = START + 7 * HOUR_MS;
    const watch = jobAt(seen('backup.completed', START, { toldMs }));
    expect(expectationOf(watch, learned)).toEqual({ expectedMs: toldMs, from: 'told' });
    expect(expectationOf(watch, DAILY)?.from).toBe('set');
    expect(expectationOf(jobAfter(watch, seen('backup.failed', START + HOUR_MS)), learned)).toBeNull();
    expect(expectationOf({ ...watch, excusedMs: toldMs }, learned)).toBeNull();
    for (const odd of [START, START - HOUR_MS, START + 36 * DAY_MS])
      expect(jobAt(seen('backup.completed', START, { toldMs: odd })).toldMs).toBeNull();
  });

  it('has settings of its own, unless the whole account is off', () => {
    const settings: ScheduleSettings = { ...DEFAULT_SCHEDULE, jobs: { one: DAILY } };
    expect(scheduleOfJob(settings, 'one')).toBe(DAILY);
    expect(scheduleOfJob(settings, 'two').mode).toBe('learned');
    expect(scheduleOfJob({ ...settings, mode: 'off' }, 'one').mode).toBe('off');
  });
});

describe('an account that is silent', () => {
  const days = (watch: ReturnType<typeof newAccountWatch>) => {
    const alarm = accountDue(watch, DEFAULT_SCHEDULE);
    return alarm && [alarm.type, alarm.severity, (alarm.dueMs - START) / DAY_MS];
  };

  it('has never run after three days', () => {
    expect(days(newAccountWatch(START))).toEqual(['backup.never_run', 'WARNING', 3]);
    expect(days({ ...newAccountWatch(START), status: 'never_run' })).toBeNull();
    expect(days(accountAt(seen('backup.failed', START + HOUR_MS)))?.[0]).toBe('backup.none_recent');
  });

  it('has no recent backup after three days, and badly so after five', () => {
    const watch = accountAt(seen('backup.completed', START));
    expect(days(watch)).toEqual(['backup.none_recent', 'WARNING', 3]);
    expect(days({ ...watch, status: 'warned' })).toEqual(['backup.none_recent', 'ERROR', 5]);
    expect(days({ ...watch, status: 'overdue' })).toBeNull();
  });

  it('counts from the last run that saved something, by when it ended', () => {
    const failed = accountAt(seen('backup.completed', START), seen('backup.failed', START + 2 * DAY_MS));
    expect(days(failed)?.[2]).toBe(3);
    const late = accountAt(
      seen('backup.completed_warnings', START + 2 * DAY_MS, { occurredMs: START + DAY_MS }),
    );
    expect(days(late)?.[2]).toBe(4);
    expect(days({ ...accountAfter({ ...failed, status: 'warned' }, seen('backup.completed', START + 4 * DAY_MS)) })).toEqual(['backup.none_recent', 'WARNING', 7]); // prettier-ignore
  });

  it('gets a day more after an outage, and no more than two in all', () => {
    const watch = accountAt(seen('backup.completed', START));
    expect(days({ ...watch, excusedMs: START + 2.5 * DAY_MS })?.[2]).toBe(3.5);
    expect(days({ ...watch, excusedMs: START + 9 * DAY_MS })?.[2]).toBe(5);
  });

  it('is not watched with mode off', () => {
    expect(accountDue(newAccountWatch(START), { ...DEFAULT_SCHEDULE, mode: 'off' })).toBeNull();
  });
});

describe('the next run that ends well', () => {
  const ends = (problem: AlarmType, type: EventType): boolean => {
    const raised = keyedOf(problem, { host: 'acme-ws07', job: problem === 'backup.never_run' || problem === 'backup.none_recent' ? null : 'DB-1' }); // prettier-ignore
    const event = keyedOf(type, { host: 'acme-ws07' }) as CanonicalEvent;
    return keysResolvedBy(event).includes(incidentKeyOf(raised)) && resolves(type, 'OK', problem);
  };

  it.each<[AlarmType, EventType, boolean]>([
    ['backup.missed', 'backup.completed', true],
    ['backup.missed', 'backup.completed_errors', true],
    ['backup.none_recent', 'backup.completed', true],
    ['backup.never_run', 'backup.completed_warnings', true],
    ['backup.stalled', 'backup.completed', true],
    ['backup.stalled', 'backup.failed', true],
    ['backup.missed', 'backup.started', false],
    ['backup.missed', 'verify.ok', false],
  ])('%s is ended by %s: %s', (problem, type, expected) => expect(ends(problem, type)).toBe(expected));
});
