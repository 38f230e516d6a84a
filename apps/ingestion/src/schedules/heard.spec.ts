import { describe, expect, it } from '@jest/globals';
import { type Heard, heardAfter } from './heard.js';
import type { LoggedRun } from './schedule-log.js';

const SAID: LoggedRun['said'] = {
  agent: 'restic',
  hostName: 'ACME-SRV01',
  jobName: 'Nightly',
  machineClass: 'server',
  status: 'success',
  severity: 'OK',
  storedBytes: 7,
};
const run = (over: Partial<LoggedRun>, said: Partial<LoggedRun['said']> = {}): LoggedRun => ({
  eventId: 'x',
  xid: '1',
  bucket: 0,
  partnerId: 'p',
  accountNo: 1,
  jobHash: '1',
  type: 'backup.completed',
  isConclusive: true,
  occurredMs: 1000,
  receivedMs: 1000,
  toldMs: null,
  ...over,
  said: { ...SAID, ...said },
});
const KNOWN: Heard = { ...SAID, endedMs: 500 };

describe('what a job was heard to say last', () => {
  it.each<[string, Heard | null, LoggedRun, Partial<Heard> | null]>([
    ['its first run', null, run({}), { ...SAID, endedMs: 1000 }],
    ['a later one', KNOWN, run({}, { status: 'failed' }), { status: 'failed', endedMs: 1000 }],
    ['one of before, that comes late', KNOWN, run({ occurredMs: 499 }, { status: 'failed' }), KNOWN],
    ['a machine of which it says nothing now', KNOWN, run({}, { machineClass: 'unknown' }), { machineClass: 'server' }],
    ['a machine of which it never said anything', null, run({}, { machineClass: null }), { machineClass: 'unknown' }],
    ['a machine that is another now', KNOWN, run({}, { machineClass: 'workstation' }), { machineClass: 'workstation' }],
    ['names and sizes that are left out', KNOWN, run({}, { agent: null, hostName: null, jobName: null, storedBytes: null }), SAID],
    ['nothing kept any more', KNOWN, run({}, { storedBytes: 0 }), { storedBytes: 0 }],
    ['a run that begins', KNOWN, run({ type: 'backup.started', isConclusive: false }, { jobName: 'New', status: 'running' }), { jobName: 'New', status: 'success', endedMs: 500 }],
    ['its first run, while it goes on', null, run({ type: 'backup.started', isConclusive: false }), { agent: 'restic', status: null, endedMs: null, storedBytes: null }],
    ['one that was missed, which says nothing of the last', KNOWN, run({ type: 'backup.missed' }, { status: 'missed' }), KNOWN],
    ['what is no run', null, run({ type: 'verify.failed' }), null],
    ['what does not count', KNOWN, run({ isConclusive: false }, { status: 'failed' }), KNOWN],
  ])('%s', (_what, known, next, expected) => {
    const heard = heardAfter(known, next);
    if (expected === null) expect(heard).toBeNull();
    else expect(heard).toMatchObject(expected);
  }); // prettier-ignore
});
