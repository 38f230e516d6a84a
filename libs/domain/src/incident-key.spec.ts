import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_TYPES, EVENT_TYPE_INFO, incidentKeyOf, jobKeyOf, keysResolvedBy } from './index.js';
import type { EventType } from './index.js';
import { type KeyedIn, keyedOf } from './testing/result.js';

describe('incidentKeyOf', () => {
  it.each<EventType>([
    'backup.failed',
    'backup.missed',
    'backup.timeout',
    'backup.completed_warnings',
    'backup.cancelled',
    'backup.stalled',
  ])('%s is the same problem as any other of its job (F33)', (type) => {
    expect(incidentKeyOf(keyedOf(type))).toBe(incidentKeyOf(keyedOf('backup.completed')));
  });

  it.each<[string, KeyedIn]>([
    ['job', { job: 'DB-2' }],
    ['machine with the same job number', { device: 'other' }],
    ['account', { accountNo: 80202029 }],
    ['partner', { partnerId: 'p2' }],
    ['agent', { agent: 'restic' }],
  ])('keeps another %s apart (F33)', (_what, over) => {
    expect(incidentKeyOf(keyedOf('backup.failed', over))).not.toBe(incidentKeyOf(keyedOf('backup.failed')));
  });

  it.each<[EventType, EventType]>([
    ['verify.failed', 'backup.failed'],
    ['retention.failed', 'gc.failed'],
    ['copy.failed', 'sync.failed'],
    ['quota.exceeded', 'backup.failed'],
    ['bdr.offline', 'bdr.hardware_failure'],
  ])('keeps the families of %s and %s apart', (one, other) => {
    expect(incidentKeyOf(keyedOf(one))).not.toBe(incidentKeyOf(keyedOf(other)));
  });

  it('reads a host name whatever its letters, and the device id before it', () => {
    expect(incidentKeyOf(keyedOf('backup.failed', { host: 'ACME-FS01' }))).toBe(
      incidentKeyOf(keyedOf('backup.failed', { host: 'acme-fs01' })),
    );
    expect(incidentKeyOf(keyedOf('backup.failed', { host: 'renamed', device: 'd1' }))).toBe(
      incidentKeyOf(keyedOf('backup.failed', { host: 'acme', device: 'd1' })),
    );
  });

  it('falls back to machine and kind for a run without a job (T11)', () => {
    const one = jobKeyOf(keyedOf('backup.failed', { agent: 'proxmox-ve', job: null, host: 'pve1' }));
    const other = jobKeyOf(keyedOf('backup.failed', { agent: 'proxmox-ve', job: null, host: 'pve2' }));
    expect(one).toBe('proxmox-ve|pve1|kind:backup');
    expect(other).not.toBe(one);
  });

  it('never makes one key of two jobs, whatever characters they hold, and stays short enough for an index', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '/', '|', '%', ':', '2', 'F', 'ä', '😀'),
      maxLength: 300,
    });
    fc.assert(
      fc.property(text, text, text, text, (job, host, otherJob, otherHost) => {
        const key = incidentKeyOf(keyedOf('backup.failed', { job, device: host }));
        const other = incidentKeyOf(keyedOf('backup.failed', { job: otherJob, device: otherHost }));
        expect(key === other).toBe(job === otherJob && host === otherHost);
        expect(Buffer.byteLength(key)).toBeLessThan(2000);
      }),
    );
  });
});

describe('keysResolvedBy', () => {
  it("ends the job's problem, the account's missing backups and its quota, and nothing of another job", () => {
    const completed = keyedOf('backup.completed', { job: 'DB-2' });
    const keys = keysResolvedBy(completed);
    expect(keys).toContain(incidentKeyOf(keyedOf('backup.failed', { job: 'DB-2' })));
    expect(keys).toContain(incidentKeyOf(keyedOf('backup.none_recent', { job: null })));
    expect(keys).toContain(incidentKeyOf(keyedOf('backup.never_run', { job: 'whatever' })));
    expect(keys).toContain(incidentKeyOf(keyedOf('quota.exceeded', { job: 'DB-9' })));
    expect(keys).not.toContain(incidentKeyOf(keyedOf('backup.failed', { job: 'DB-1' })));
    expect(keys).toHaveLength(3);
    expect(keys[0]).toBe(incidentKeyOf(completed));
  });

  it('reaches every problem that the table says its type resolves, of the same subject', () => {
    for (const problem of EVENT_TYPES)
      for (const resolver of EVENT_TYPE_INFO[problem].resolvedBy)
        expect(keysResolvedBy(keyedOf(resolver))).toContain(incidentKeyOf(keyedOf(problem)));
  });
});
