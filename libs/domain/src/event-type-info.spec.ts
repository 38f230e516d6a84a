import { describe, expect, it } from '@jest/globals';
import {
  EVENT_TYPE_GROUPS,
  EVENT_TYPE_INFO,
  EVENT_TYPES,
  FAMILIES,
  isRuleable,
  raisesProblem,
  resolves,
  resolvesProblem,
} from './index.js';
import type { EventType, Severity } from './index.js';

describe('EVENT_TYPE_INFO', () => {
  it('uses every group and every family at least once', () => {
    const infos = EVENT_TYPES.map((type) => EVENT_TYPE_INFO[type]);
    for (const group of EVENT_TYPE_GROUPS) expect(infos.map((info) => info.group)).toContain(group);
    for (const family of FAMILIES) expect(infos.map((info) => info.family)).toContain(family);
  });

  it('keeps what the product says about itself away from rules, so that no sync asks for a sync (T24)', () => {
    const hidden = EVENT_TYPES.filter((type) => !isRuleable(type));
    expect(hidden).toEqual(
      EVENT_TYPES.filter((type) => type.startsWith('psa.') || type.startsWith('result.')),
    );
    expect(raisesProblem('psa.sync.failed')).toBe(false);
  });

  it.each<[EventType, boolean]>([
    ['backup.failed', true],
    ['backup.completed_warnings', true],
    ['backup.none_recent', true],
    ['disk_usage', false],
    ['backup.completed', false],
    ['backup.started', false],
  ])('by default %s is a problem: %s', (type, isProblem) => {
    expect(raisesProblem(type)).toBe(isProblem);
  });

  it('takes the severity that a status update says (F11)', () => {
    expect(raisesProblem('service.status_update', 'ERROR')).toBe(true);
    expect(raisesProblem('disk_usage', 'WARNING')).toBe(true);
  });

  it.each<[EventType, Severity, EventType, boolean]>([
    ['backup.completed', 'OK', 'backup.failed', true],
    ['backup.completed_warnings', 'WARNING', 'backup.failed', true],
    ['backup.completed', 'OK', 'backup.completed_warnings', true],
    ['backup.completed_warnings', 'WARNING', 'backup.completed_warnings', false],
    ['backup.completed_errors', 'ERROR', 'backup.failed', false],
    ['backup.completed_errors', 'ERROR', 'backup.missed', true],
    ['backup.completed', 'OK', 'backup.none_recent', true],
    ['backup.completed', 'OK', 'quota.exceeded', true],
    ['backup.completed', 'OK', 'quota.warning', false],
    ['quota.warning', 'OK', 'quota.warning', true],
    ['quota.changed', 'OK', 'quota.exceeded', true],
    ['service.status_update', 'OK', 'service.status_update', true],
    ['service.status_update', 'WARNING', 'service.status_update', false],
    ['disk_usage', 'OK', 'disk_usage', true],
    ['backup.failed', 'ERROR', 'backup.stalled', true],
    ['backup.started', 'OK', 'backup.failed', false],
    ['verify.ok', 'OK', 'verify.failed', true],
    ['verify.ok', 'OK', 'backup.failed', false],
    ['gc.completed', 'OK', 'retention.failed', false],
    ['bdr.online', 'OK', 'bdr.offline', true],
    ['bdr.online', 'OK', 'bdr.node_fenced', false],
    ['license.renewed', 'OK', 'support.expired', true],
    ['destination.restored', 'OK', 'destination.unreachable', true],
  ])('%s (%s) ends %s: %s', (type, severity, problem, expected) => {
    expect(resolves(type, severity, problem)).toBe(expected);
  });

  it('says of a type whether it can end anything', () => {
    expect(resolvesProblem('backup.completed')).toBe(true);
    expect(resolvesProblem('backup.started')).toBe(false);
    expect(resolvesProblem('malware.suspected')).toBe(false);
  });
});
