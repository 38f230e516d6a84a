import { type Agent, type EventType, eventTypeOf, type Severity, type Status } from '@backhaul/domain';
import type { AdaptedReport } from '../adapter.js';
import { adapterFor } from '../registry.js';
import { partsOf } from './parts.js';
import { nativeReport } from './report.js';

/** What each run of a body becomes, in its order. */
export function adaptedRuns(agent: Agent, body: unknown, zone = 'Europe/Berlin'): AdaptedReport[] {
  return partsOf(nativeReport(agent, body, { zone })).map((part) => adapterFor(agent).adapt(part));
}

/** Of a body with one run. */
export function adaptedRun(agent: Agent, body: unknown, zone?: string): AdaptedReport {
  const [run, ...others] = adaptedRuns(agent, body, zone);
  if (!run || others.length > 0) throw new Error(`The body has ${others.length + (run ? 1 : 0)} runs`);
  return run;
}

export type Meaning = [status: Status, severity: Severity, type: EventType];

export function meaningOf({ result }: AdaptedReport, agent: Agent): Meaning {
  return [result.outcome.status, result.outcome.severity, eventTypeOf(result, agent)];
}
