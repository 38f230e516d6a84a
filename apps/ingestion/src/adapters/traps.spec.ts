import { describe, expect, it } from '@jest/globals';
import { type Agent, type EventType, eventTypeOf, type Severity, type Status } from '@backhaul/domain';
import { borgArchive, borgEnvelope, logLine } from './borg/testing/fixtures.js';
import { cometJob } from './comet/testing/fixtures.js';
import { duplicatiReport } from './duplicati/testing/fixtures.js';
import { pingReport } from './generic/ping.js';
import { DUPLICITY } from './generic/testing/fixtures.js';
import { KOPIA_ERROR, KOPIA_TEXT, kopiaReport, kopiaSnapshot } from './kopia/testing/fixtures.js';
import { BAD_GUEST, notification, OK_GUEST, vzdumpMessage } from './proxmox/testing/fixtures.js';
import { adapterFor } from './registry.js';
import { resticEnvelope, SUMMARY, UNREADABLE } from './restic/testing/fixtures.js';
import { nativeReport } from './testing/report.js';

function adapted(agent: Agent, body: unknown, zone = 'Europe/Berlin') {
  return adapterFor(agent).adapt(nativeReport(agent, body, { zone }));
}

const summary = JSON.stringify(SUMMARY);
const backend = (more: Record<string, unknown>): Record<string, unknown> => ({ BackendStatistics: more });
const vzdump = (rows: string[], severity: string, title: string) =>
  notification('vzdump', severity, `vzdump backup status (node7): ${title}`, vzdumpMessage(rows));

const TABLE: [string, Agent, unknown, Status, Severity, EventType][] = [
  ['T1 Duplicati: only the run’s own ParsedResult counts', 'duplicati', duplicatiReport(), 'success', 'OK', 'backup.completed'],
  ['Duplicati Error is a partial backup', 'duplicati', duplicatiReport({ ParsedResult: 'Error' }), 'partial', 'ERROR', 'backup.completed_errors'],
  ['Duplicati Fatal failed', 'duplicati', duplicatiReport({ ParsedResult: 'Fatal' }), 'failed', 'ERROR', 'backup.failed'],
  ['T2 Duplicati: an exception as Data failed', 'duplicati', { Data: { ClassName: 'X', Message: 'm' }, Extra: {} }, 'failed', 'ERROR', 'backup.failed'],
  ['Duplicati: full destination', 'duplicati', duplicatiReport({ ParsedResult: 'Error', ...backend({ ReportedQuotaError: true }) }), 'quota_exceeded', 'ERROR', 'quota.exceeded'],
  ['Duplicati interrupted with data', 'duplicati', duplicatiReport({ Interrupted: true }), 'partial', 'ERROR', 'backup.completed_errors'],
  ['Duplicati interrupted without data', 'duplicati', duplicatiReport({ Interrupted: true, AddedFiles: 0, ModifiedFiles: 0, ...backend({}) }), 'cancelled', 'WARNING', 'backup.cancelled'],
  ['Duplicati: a result nobody knows', 'duplicati', duplicatiReport({ ParsedResult: 'Splendid' }), 'unknown', 'WARNING', 'result.unreadable'],
  ['T7 restic 3: the snapshot exists', 'restic', resticEnvelope(3, summary), 'partial', 'WARNING', 'backup.completed_warnings'],
  ['restic 12 failed', 'restic', resticEnvelope(12, ''), 'failed', 'ERROR', 'backup.failed'],
  ['restic 130 was cancelled', 'restic', resticEnvelope(130, ''), 'cancelled', 'WARNING', 'backup.cancelled'],
  ['restic without exit code is unknown', 'restic', summary, 'unknown', 'WARNING', 'result.unreadable'],
  ['N6 restic stored nothing: its source is missing', 'restic', resticEnvelope(3, JSON.stringify({ ...SUMMARY, total_files_processed: 0 }), '/data does not exist, skipping\n'), 'failed', 'ERROR', 'backup.failed'],
  ['borg 1 is a warning', 'borg', borgEnvelope(1, borgArchive(5)), 'success_with_warnings', 'WARNING', 'backup.completed_warnings'],
  ['N5 borg 105 is a warning', 'borg', borgEnvelope(105, borgArchive(5)), 'success_with_warnings', 'WARNING', 'backup.completed_warnings'],
  ['N5 borg 64 is an error', 'borg', borgEnvelope(64, ''), 'failed', 'ERROR', 'backup.failed'],
  ['N4 T34 borg ends with 2 on Ctrl-C', 'borg', borgEnvelope(2, '', 'Keyboard interrupt (SIGINT)'), 'cancelled', 'WARNING', 'backup.cancelled'],
  ['N4 borg 143 was cancelled', 'borg', borgEnvelope(143, ''), 'cancelled', 'WARNING', 'backup.cancelled'],
  ['N6 borg 1 without a file', 'borg', borgEnvelope(1, borgArchive(0), logLine('WARNING', 'src: stat: [Errno 2] No such file')), 'failed', 'ERROR', 'backup.failed'],
  ['T32 Kopia interrupted, overall success', 'kopia', kopiaReport([kopiaSnapshot({ status: 'incomplete' })]), 'partial', 'WARNING', 'backup.completed_warnings'],
  ['Kopia warnings as text', 'kopia', KOPIA_TEXT, 'success_with_warnings', 'WARNING', 'backup.completed_warnings'],
  ['Kopia generic-error', 'kopia', KOPIA_ERROR, 'failed', 'ERROR', 'backup.failed'],
  ['Proxmox: one guest of two failed', 'proxmox-ve', vzdump([OK_GUEST, BAD_GUEST], 'error', 'backup failed: multiple problems'), 'partial', 'ERROR', 'backup.completed_errors'],
  ['Proxmox: no guest was saved', 'proxmox-ve', vzdump([BAD_GUEST], 'error', 'backup failed'), 'failed', 'ERROR', 'backup.failed'],
  ['T10 PBS verify', 'proxmox-bs', notification('verify', 'error', 't'), 'failed', 'ERROR', 'verify.failed'],
  ['T10 PBS verification', 'proxmox-bs', notification('verification', 'info', 't'), 'success', 'OK', 'verify.ok'],
  ['N11 PBS prune', 'proxmox-bs', notification('prune', 'info', 't'), 'success', 'OK', 'retention.completed'],
  ['PBS acme', 'proxmox-bs', notification('acme', 'error', 't'), 'failed', 'ERROR', 'cert.renewal_failed'],
  ['T20 Comet: a failed retention is no failed backup', 'comet', cometJob({ Classification: 4003, Status: 7002 }), 'failed', 'ERROR', 'retention.failed'],
  ['T20 Comet: an update closes no backup', 'comet', cometJob({ Classification: 4007 }), 'success', 'OK', 'gc.completed'],
  ['Comet: a status nobody knows', 'comet', cometJob({ Status: 7999 }), 'unknown', 'WARNING', 'result.unreadable'],
  ['T19 Comet without details', 'comet', { ...cometJob(), Data: null }, 'unknown', 'WARNING', 'result.unreadable'],
  ['N12 generic 0', 'generic', { exitCode: 0 }, 'success', 'OK', 'backup.completed'],
  ['N12 generic 143', 'generic', { exitCode: 143 }, 'cancelled', 'WARNING', 'backup.cancelled'],
  ['N12 duplicity 0 with errors', 'duplicity', { exitCode: 0, stdout: DUPLICITY }, 'success_with_warnings', 'WARNING', 'backup.completed_warnings'],
]; // prettier-ignore

describe('what reports mean', () => {
  it.each(TABLE)('%s', (_name, agent, body, status, severity, type) => {
    const { result } = adapted(agent, body);
    expect({
      status: result.outcome.status,
      severity: result.outcome.severity,
      type: eventTypeOf(result, agent),
    }).toEqual({ status, severity, type });
  });

  it('T3: a report sent twice has one key, the next run another', () => {
    const key = adapted('duplicati', duplicatiReport()).nativeKey;
    expect(adapted('duplicati', duplicatiReport({}, { LogLines: ['again'] })).nativeKey).toBe(key);
    expect(adapted('duplicati', duplicatiReport({ BeginTime: '2026-11-22T01:30:00Z' })).nativeKey).not.toBe(
      key,
    );
  });

  it('a run’s start does not hide its end (Comet 4200, 4201)', () => {
    const started = cometJob({ Status: 6001, EndTime: 0 }, 4200);
    expect(adapted('comet', started).nativeKey).not.toBe(adapted('comet', cometJob()).nativeKey);
  });

  it('T5: unset times and quotas are unknown, and kept', () => {
    const { result } = adapted('duplicati', duplicatiReport({ BeginTime: '0001-01-01T00:00:00' }));
    expect([result.timing.startedAt, result.bytes.quotaTotal]).toEqual([null, null]);
    expect(result.ext['duplicati']).toMatchObject({ Data: { BeginTime: '0001-01-01T00:00:00' } });
  });

  it('T8: borg’s times are read in the account’s zone, the first of a repeated hour', () => {
    const repeated = borgArchive(1).replaceAll('2026-11-21T02:', '2026-10-25T02:');
    const { result, warnings } = adapted('borg', borgEnvelope(0, repeated));
    expect(result.timing).toMatchObject({
      startedAt: '2026-10-25T00:00:00.000Z',
      zoneKnown: false,
      assumedZone: 'Europe/Berlin',
    });
    expect(warnings).toContain('ambiguous_local_time');
  });

  it('N7: a path told twice failed once', () => {
    const twice = `${JSON.stringify(UNREADABLE)}\n${JSON.stringify(UNREADABLE)}\n`;
    expect(adapted('restic', resticEnvelope(3, summary, twice)).result.counts.filesFailed).toBe(1);
  });

  it('N14: one guest is the event itself, two are children', () => {
    const one = adapted('proxmox-ve', vzdump([OK_GUEST], 'info', 'backup successful')).result;
    expect([one.children.length, one.job.sourceName]).toEqual([0, 'erp db']);
    expect(
      adapted('proxmox-ve', vzdump([OK_GUEST, BAD_GUEST], 'error', 'backup failed')).result.children,
    ).toHaveLength(2);
  });

  it('an end before the start leaves no duration, and says so', () => {
    const { result } = adapted('duplicati', duplicatiReport({ EndTime: '2026-11-20T00:00:00Z' }));
    expect(result.timing.durationMs).toBeNull();
    expect(result.issues.map(({ code }) => code)).toContain('ended_before_started');
  });

  it.each([
    ['start', 'running'],
    ['fail', 'failed'],
    ['log', 'running'],
    [0, 'success'],
    [2, 'failed'],
    [null, 'success'],
  ] as const)('N9 N12: ping %s is %s, and never deduplicated', (suffix, status) => {
    const { result, nativeKey } = pingReport({ suffix, body: 'b', receivedAt: '2026-11-21T09:00:00.000Z' });
    expect([result.outcome.status, nativeKey]).toEqual([status, null]);
  });
});
