/** Time is injected. `now` for what is stored or shown, `monotonicMs` for durations inside the process. */
export interface Clock {
  now(): Date;
  monotonicMs(): number;
}

let known: { ms: number; monotonicMs: number } | null = null;

/**
 * From now on `systemClock` counts from there by the process's own stopwatch, whatever is done to the clock of its machine.
 * Null: it goes by that of the machine again.
 *
 * @param time milliseconds since 1970 by the one authority, and the `monotonicMs` at which it was that late
 */
export function setSystemTime(time: { ms: number; monotonicMs: number } | null): void {
  known = time;
}

/** By the authority that was set, else by the machine. */
export const systemClock: Clock = {
  now: () => (known ? new Date(known.ms + performance.now() - known.monotonicMs) : new Date()),
  monotonicMs: () => performance.now(),
};

/**
 * From now on `Date.now` of this process counts on by the stopwatch, from what it says now. Libraries measure lengths of
 * time with it: put back by hours, the client of Kafka would send no heartbeat until that time has come again.
 */
export function keepDateNowSteady(): void {
  const startMs = Date.now() - performance.now();
  Date.now = () => Math.floor(startMs + performance.now());
}
