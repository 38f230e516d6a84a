import type { Job, JobResult } from './canonical-event.js';

function emptyJob(): Job {
  return {
    nativeJobId: null,
    jobName: null,
    nativeRunId: null,
    parentRunId: null,
    kind: 'backup',
    level: 'unknown',
    trigger: 'unknown',
    scope: 'unknown',
    sourceId: null,
    sourceName: null,
    sourcePaths: [],
    destinationId: null,
    destinationName: null,
    destinationType: null,
    retryCount: null,
    willRetry: null,
  };
}

/** A result of which nothing is known yet; an adapter fills in what its report says. A fresh object each time. */
export function emptyJobResult(): JobResult {
  return {
    type: null,
    identity: {
      nativeAccount: null,
      nativeDeviceId: null,
      hostName: null,
      osName: null,
      osVersion: null,
      clientIp: null,
      machineClass: 'unknown',
    },
    job: emptyJob(),
    timing: {
      scheduledAt: null,
      startedAt: null,
      endedAt: null,
      durationMs: null,
      zoneKnown: false,
      assumedZone: null,
    },
    outcome: {
      phase: 'finished',
      status: 'unknown',
      severity: 'WARNING',
      nativeStatus: null,
      nativeCode: null,
      exitCode: null,
      message: null,
      canceled: false,
      dryRun: false,
    },
    counts: {},
    bytes: {},
    progress: null,
    issues: [],
    issuesTruncated: false,
    log: null,
    children: [],
    restorePoint: null,
    measures: null,
    ext: {},
  };
}
