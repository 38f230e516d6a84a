/** Time is injected. `now` for what is stored or shown, `monotonicMs` for durations inside the process. */
export interface Clock {
  now(): Date;
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
