import {
  type Agent,
  EVENT_TYPE_INFO,
  type EventType,
  type Issue,
  type JobResult,
  severityOf,
} from '@backhaul/domain';
import type { AdaptedReport } from '../adapter.js';
import type { JsonObject } from './json.js';
import type { LocalClock } from './times.js';

const MOST_ISSUES = 100;
const MOST_LOG_LINES = 200;

export interface Finished {
  agent: Agent;
  clock: LocalClock;
  /** What found no field, verbatim. */
  rest: JsonObject | unknown[] | null;
  nativeKey: string | null;
  agentVersion: string | null;
  warnings?: string[];
}

/** The last step of each adapter: what all results have in common. */
export function finish(result: JobResult, about: Finished): AdaptedReport {
  const { agent, clock } = about;
  const warnings = [...(about.warnings ?? [])];
  settle(result, agent, clock);
  nameMaintenance(result);
  if (about.rest !== null) result.ext = { [agent]: about.rest };
  if (clock.sawFold) {
    warnings.push('ambiguous_local_time');
    result.issues.push(
      issue(
        'WARNING',
        'ambiguous_local_time',
        'A local time falls into a clock change; the earlier one is taken.',
      ),
    );
  }
  if (result.type === null && result.outcome.status === 'unknown' && !warnings.includes('unknown_status'))
    warnings.push('unknown_status');
  if (result.timing.durationMs === null && endsBeforeStart(result)) warnings.push('ended_before_started');
  limitIssues(result);
  return { result, nativeKey: about.nativeKey, agentVersion: about.agentVersion, warnings };
}

/** Makes the result tell something that is no run of a job. */
export function observe(result: JobResult, type: EventType, severity = EVENT_TYPE_INFO[type].severity): void {
  result.type = type;
  result.job.kind = 'other';
  result.outcome.phase = 'observed';
  result.outcome.severity = severity;
}

/** Severity, duration and zone: of an event, and of each child. */
export function settle(result: JobResult, agent: Agent, clock: LocalClock): void {
  const { timing, outcome } = result;
  if (result.type === null) outcome.severity = severityOf(outcome.status, { agent });
  if (outcome.status === 'cancelled') outcome.canceled = true;
  timing.zoneKnown = clock.sawZone && !clock.sawLocal;
  timing.assumedZone = clock.sawLocal ? clock.zone : null;
  if (timing.startedAt === null || timing.endedAt === null) return;
  const spanMs = Date.parse(timing.endedAt) - Date.parse(timing.startedAt);
  if (spanMs >= 0) {
    timing.durationMs ??= spanMs;
    return;
  }
  timing.durationMs = null;
  result.issues.push(
    issue('WARNING', 'ended_before_started', 'The report says that the run ended before it started.'),
  );
}

/** Upkeep has no types of its own, and must neither open nor close what belongs to backups (T20). */
function nameMaintenance(result: JobResult): void {
  const { status, phase } = result.outcome;
  if (
    result.type !== null ||
    result.job.kind !== 'maintenance' ||
    phase !== 'finished' ||
    status === 'unknown'
  )
    return;
  result.type = status === 'success' || status === 'success_with_warnings' ? 'gc.completed' : 'gc.failed';
}

export function endsBeforeStart({ timing }: Pick<JobResult, 'timing'>): boolean {
  const { startedAt, endedAt } = timing;
  return startedAt !== null && endedAt !== null && Date.parse(endedAt) < Date.parse(startedAt);
}

export function issue(
  severity: Issue['severity'],
  code: string | null,
  message: string,
  path: string | null = null,
  at: string | null = null,
): Issue {
  return { severity, code, path, message, at };
}

function limitIssues(result: JobResult): void {
  if (result.issues.length <= MOST_ISSUES) return;
  result.issues.length = MOST_ISSUES;
  result.issuesTruncated = true;
}

/** @returns whether the log holds all of the lines */
export function setLog(result: JobResult, lines: readonly string[]): boolean {
  if (lines.length === 0) return false;
  const truncated = lines.length > MOST_LOG_LINES;
  result.log = {
    lines: truncated ? lines.slice(0, MOST_LOG_LINES) : [...lines],
    total: lines.length,
    truncated,
  };
  return !truncated;
}

/** Lines with something on them. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

/** How many different ones there are, without null. */
export function distinct(paths: readonly (string | null)[]): number {
  return new Set(paths.filter((path) => path !== null)).size;
}
