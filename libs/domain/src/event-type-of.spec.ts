import { describe, expect, it } from '@jest/globals';
import { AGENTS, eventTypeOf, EVENT_TYPES, JOB_KINDS, severityOf, STATUSES } from './index.js';
import type { Agent, EventType, JobKind, Severity, Status } from './index.js';
import { resultOf } from './testing/result.js';

describe('severityOf', () => {
  it.each<[Status, Agent, Severity]>([
    ['success', 'restic', 'OK'],
    ['success_with_warnings', 'borg', 'WARNING'],
    ['partial', 'restic', 'WARNING'],
    ['partial', 'kopia', 'WARNING'],
    ['partial', 'duplicati', 'ERROR'],
    ['partial', 'ahsay', 'ERROR'],
    ['partial', 'proxmox-ve', 'ERROR'],
    ['failed', 'generic', 'ERROR'],
    ['quota_exceeded', 'comet', 'ERROR'],
    ['missed', 'comet', 'ERROR'],
    ['cancelled', 'comet', 'WARNING'],
    ['skipped', 'comet', 'WARNING'],
    ['timeout', 'comet', 'ERROR'],
    ['abandoned', 'comet', 'ERROR'],
    ['unknown', 'duplicati', 'WARNING'],
  ])('%s of %s is %s', (status, agent, severity) => {
    expect(severityOf(status, { agent })).toBe(severity);
  });

  it('takes partial for a warning where the agent is not known', () => {
    expect(severityOf('partial')).toBe('WARNING');
  });
});

describe('eventTypeOf', () => {
  it.each<[JobKind, Status, Agent, EventType]>([
    ['backup', 'success', 'restic', 'backup.completed'],
    ['backup', 'success_with_warnings', 'duplicati', 'backup.completed_warnings'],
    ['backup', 'partial', 'restic', 'backup.completed_warnings'],
    ['backup', 'partial', 'duplicati', 'backup.completed_errors'],
    ['backup', 'failed', 'borg', 'backup.failed'],
    ['backup', 'quota_exceeded', 'comet', 'quota.exceeded'],
    ['backup', 'missed', 'comet', 'backup.missed'],
    ['backup', 'cancelled', 'comet', 'backup.cancelled'],
    ['backup', 'skipped', 'comet', 'backup.skipped'],
    ['backup', 'timeout', 'comet', 'backup.timeout'],
    ['backup', 'abandoned', 'comet', 'backup.abandoned'],
    ['backup', 'running', 'comet', 'backup.started'],
    ['backup', 'unknown', 'kopia', 'result.unreadable'],
    ['archive', 'failed', 'generic', 'backup.failed'],
    ['other', 'success', 'generic', 'backup.completed'],
    ['verify', 'success', 'proxmox-bs', 'verify.ok'],
    ['verify', 'failed', 'proxmox-bs', 'verify.failed'],
    ['retention', 'success', 'restic', 'retention.completed'],
    ['gc', 'failed', 'proxmox-bs', 'gc.failed'],
    ['sync', 'success_with_warnings', 'proxmox-bs', 'sync.completed'],
    ['copy', 'timeout', 'veeam-vbr', 'copy.failed'],
    ['replication', 'failed', 'proxmox-ve', 'replication.failed'],
    ['restore', 'cancelled', 'comet', 'restore.failed'],
    ['config_backup', 'failed', 'veeam-vbr', 'config_backup.failed'],
    ['tape', 'unknown', 'proxmox-bs', 'result.unreadable'],
    ['verify', 'queued', 'bareos', 'backup.started'],
  ])('a %s that is %s, by %s, is %s', (kind, status, agent, type) => {
    expect(eventTypeOf(resultOf({ kind, status }), agent)).toBe(type);
  });

  it('believes the adapter that named a type', () => {
    expect(eventTypeOf(resultOf({ status: 'failed', type: 'bdr.node_fenced' }), 'proxmox-ve')).toBe(
      'bdr.node_fenced',
    );
  });

  it('never makes a problem or an end of one from a run that still goes on', () => {
    expect(eventTypeOf(resultOf({ phase: 'progress', status: 'failed' }), 'duplicati')).toBe(
      'backup.started',
    );
    expect(eventTypeOf(resultOf({ phase: 'started', status: 'success' }), 'generic')).toBe('backup.started');
  });

  it('knows a type for every kind, status and agent', () => {
    for (const kind of JOB_KINDS)
      for (const status of STATUSES)
        for (const agent of AGENTS)
          expect(EVENT_TYPES).toContain(eventTypeOf(resultOf({ kind, status }), agent));
  });
});
