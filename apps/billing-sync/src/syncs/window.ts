/** One push of a customer's figures in so long (F24). */
export const WINDOW_MS = 12 * 60 * 60 * 1000;
/** What the window held back is pushed so long after its end, so that an event at its very end pushes by itself (F27). */
export const AFTER_WINDOW_MS = 60_000;

/** Whether the customer was synchronized less than twelve hours before; a clock put back does not make that last longer. */
export const isWithinWindow = (pushedAt: Date | null, now: Date): boolean =>
  pushedAt !== null && Math.abs(now.getTime() - pushedAt.getTime()) < WINDOW_MS;
