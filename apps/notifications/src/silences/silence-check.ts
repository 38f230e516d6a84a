import { isTimeZone, minutesOf } from '@backhaul/domain';
import type { RefusedField } from '../rules/rule-check.js';
import type { SilenceSettings } from './silence.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Whoever wants none for longer switches the rule off, where everybody sees it. */
const LONGEST_DAYS = 90;
const FURTHEST_DAYS = 366;

/** Why settings of the right shape are refused; empty if they are not. */
export function silenceRefusals(settings: SilenceSettings, now: Date): RefusedField[] {
  const refused = [...timeRefusals(settings, now.getTime()), ...weeklyRefusals(settings)];
  return refused.map(([pointer, detail, rule]) => ({ pointer, detail, rule }));
}

type Refusal = [pointer: string, detail: string, rule: string];

function timeRefusals({ startsAt, endsAt, weekly }: SilenceSettings, nowMs: number): Refusal[] {
  const startMs = startsAt.getTime();
  if (Math.abs(startMs - nowMs) > FURTHEST_DAYS * DAY_MS)
    return [['/startsAt', `must lie within ${FURTHEST_DAYS} days of now`, 'within']];
  if (endsAt === null)
    return weekly === null
      ? [['/endsAt', 'is needed where it does not come again each week', 'required']]
      : [];
  const endMs = endsAt.getTime();
  if (endMs <= startMs) return [['/endsAt', 'must be after startsAt', 'after']];
  if (endMs <= nowMs) return [['/endsAt', 'must not be over', 'future']];
  if (weekly === null && endMs - startMs > LONGEST_DAYS * DAY_MS)
    return [['/endsAt', `must be at most ${LONGEST_DAYS} days after startsAt`, 'longest']];
  return [];
}

function weeklyRefusals({ weekly }: SilenceSettings): Refusal[] {
  if (weekly === null) return [];
  const refused: Refusal[] = [];
  if (!isTimeZone(weekly.timeZone))
    refused.push(['/weekly/timeZone', 'must be a time zone such as Europe/Berlin', 'timeZone']);
  if (minutesOf(weekly.from) === minutesOf(weekly.to))
    refused.push(['/weekly/to', 'must differ from `from`; 00:00 to 24:00 is a whole day', 'differs']);
  return refused;
}
