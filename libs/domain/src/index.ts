export {
  AGENTS, BYTE_FIELDS, COUNT_FIELDS, JOB_KINDS, JOB_LEVELS, JOB_SCOPES, JOB_TRIGGERS, MACHINE_CLASSES, PHASES,
  RESOLUTIONS, SEVERITIES, STATUSES, TRANSPORTS,
} from './canonical-event.js'; // prettier-ignore
export type {
  Agent, Bytes, CanonicalEvent, Counts, EventLogLines, EventSource, EventTenant, Identity, IsoTime, Issue, Job,
  JobKind, JobResult, Outcome, Phase, Progress, RawRef, Severity, Status, Timing,
} from './canonical-event.js'; // prettier-ignore
export {
  type Condition, CONDITION_FIELDS, ConditionFacts, type ConditionField, conditionRefusal, type ConditionRefusal, isTerm,
  LONGEST_TERM, meets, type Operator, OPERATORS, termOf,
} from './conditions/condition.js'; // prettier-ignore
export { readTime } from './conditions/read-time.js';
export { folded, matchesText, TEXT_OPERATORS, type TextOperator } from './conditions/text-match.js';
export { type Clock, keepDateNowSteady, setSystemTime, systemClock } from './clock.js';
export {
  isConclusive, isLate, isSuccess, type OrderedResult, TIME_IN_FUTURE, watermarkAfter,
} from './event-order.js'; // prettier-ignore
export {
  EVENT_TYPE_GROUPS, EVENT_TYPE_INFO, type EventTypeGroup, type EventTypeInfo, FAMILIES, type Family, isRuleable,
  raisesProblem, resolves, resolvesProblem, type Subject,
} from './event-type-info.js'; // prettier-ignore
export { eventTypeOf } from './event-type-of.js';
export { EVENT_TYPES, type EventType } from './event-types.js';
export {
  type AccountNo, type BrandId, type ConnectionId, type CustomerId, type EndpointId, type EventId, type IncidentId,
  type HandlerId, type LaneKey, laneKeyOf, type Marker, type PartnerId, type RequestId, type RuleId,
} from './ids.js'; // prettier-ignore
export { incidentKeyOf, jobKeyOf, type Keyed, keysResolvedBy } from './incident-key.js';
export { emptyJobResult } from './job-result.js';
export { markerFor, markerIn } from './marker.js';
export { PLATFORM, type Scope, wholePartner } from './scope.js';
export {
  type AccountWatch, accountDue, type AlarmType, type Due, type Expected, expectationOf, jobDue, type JobWatch,
} from './schedules/due.js'; // prettier-ignore
export { nextExpected, nextSlot } from './schedules/expected-times.js';
export {
  BRAKE_WINDOW_MS, type BrakeLimits, type Hold, holdAt, holdFrom, isHolding, isTooMany, letOut, type Outage, outageAt,
  PARTNER_BRAKE, PLATFORM_BRAKE, swallowedUntil,
} from './schedules/guards.js'; // prettier-ignore
export { afterBeat, firstBeat, type Learned, learnedFrom, type Rhythm } from './schedules/rhythm.js';
export {
  DEFAULT_SCHEDULE, type ExpectedTimes, type JobSchedule, SCHEDULE_MODES, type ScheduleMode, scheduleOfJob,
  type ScheduleSettings, type WeeklyTimes,
} from './schedules/schedule-settings.js'; // prettier-ignore
export {
  isTimeZone,
  minutesOf,
  type Weekday,
  WEEKDAYS,
  wallTimeOf,
  type WallTime,
} from './schedules/wall-clock.js';
export {
  accountAfter, ENDED_RUNS, jobAfter, newAccountWatch, newJobWatch, type SeenEvent, sightingOf,
} from './schedules/watches.js'; // prettier-ignore
export { Secret } from './secret.js';
export { isWorse, severityOf } from './severity.js';
export { toWellFormedText } from './text.js';
export {
  decideTicket, type IgnoreReason, type IncidentView, type TicketDecision, type TicketRequestView,
} from './ticket-decision.js'; // prettier-ignore
export { isUuid, uuidFrom, uuidv7 } from './uuid.js';
