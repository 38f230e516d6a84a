import { EVENT_TYPE_INFO, EVENT_TYPES, type EventType } from '@backhaul/domain';

/** Longer than a job is silent that runs once a month. */
export const SILENT_DAYS = 35;

/**
 * Problems of jobs: each run tells of them anew, so one that was not heard of for long runs no more. What an account, a
 * machine or a thing has is told once and stands until its end is told: of these silence says nothing.
 */
export const SPEAKING_TYPES: readonly EventType[] = EVENT_TYPES.filter(
  (type) => EVENT_TYPE_INFO[type].subject === 'job',
);

/** Of rows of `raised`: a problem of an outage that counts no more. Silence is one only while somebody listens. */
export const IS_SILENT = `site_cust_id IS NOT NULL AND heard_at < now() - interval '${SILENT_DAYS} days'
  AND (SELECT since FROM listening) < now() - interval '${SILENT_DAYS} days' AND event_type IN (${SPEAKING_TYPES.map((type) => `'${type}'`).join(', ')})`;
