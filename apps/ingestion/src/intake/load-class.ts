import { isSuccess, type JobResult } from '@backhaul/domain';
import type { LoadClass } from '@backhaul/http';

/** Known once the report was understood. Whatever is not known to be well counts as a failure: it is kept longest. */
export function loadClassOf({ outcome }: Pick<JobResult, 'outcome'>): LoadClass {
  if (outcome.severity !== 'OK') return 'failure';
  if (outcome.phase !== 'finished') return 'heartbeat';
  return isSuccess(outcome.status) ? 'success' : 'failure';
}

/** Of a ping, known by its address, so that it is judged before anything else is done for it. */
export function loadClassOfPing(signal: string | undefined): LoadClass {
  if (signal === undefined || signal === '0') return 'success';
  return signal === 'start' || signal === 'log' ? 'heartbeat' : 'failure';
}
