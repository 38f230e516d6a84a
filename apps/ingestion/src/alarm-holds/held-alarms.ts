import {
  BRAKE_WINDOW_MS, type BrakeLimits, PARTNER_BRAKE, type PartnerId, PLATFORM, PLATFORM_BRAKE,
} from '@backhaul/domain'; // prettier-ignore

/** What is held of a partner, or, under PLATFORM, of all together. */
export interface HeldAlarms {
  partnerId: PartnerId;
  partnerName: string | null;
  alarms: number;
  /** Since when the first of them is held. */
  since: Date | null;
  /** Until when its own hold keeps them, and that of all; null where there is none. */
  ownUntil: Date | null;
  platformUntil: Date | null;
}

const inWords = ({ share, floor }: BrakeLimits, whose: string): string =>
  `More than ${share * 100} % of ${whose}, and more than ${floor}, were found missing within ` +
  `${BRAKE_WINDOW_MS / 60_000} minutes: the fault is likely ours.`;

export const WHY = {
  partner: inWords(PARTNER_BRAKE, "the partner's accounts"),
  platform: inWords(PLATFORM_BRAKE, 'all accounts'),
} as const;

/** Which hold keeps them, the partner's own before that of all; null: they are let out. */
export function heldBy(
  { partnerId, ownUntil, platformUntil }: HeldAlarms,
  now: Date,
): keyof typeof WHY | null {
  if (partnerId !== PLATFORM && ownUntil !== null && ownUntil > now) return 'partner';
  return platformUntil !== null && platformUntil > now ? 'platform' : null;
}

/** When the last of both holds lets go. */
export const untilOf = ({ ownUntil, platformUntil }: HeldAlarms): Date =>
  new Date(Math.max(ownUntil?.getTime() ?? 0, platformUntil?.getTime() ?? 0));
