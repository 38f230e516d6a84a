import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoadProbe } from './load-shedder.js';
import type { LoadSignals } from './load.js';

const NS_PER_MS = 1e6;
const RESOLUTION_MS = 10;

/** What this process can tell by itself, and what `more` adds to it. */
export function processProbe(more: () => Promise<LoadSignals> = async () => ({})): LoadProbe {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  return {
    async read() {
      // The first look only begins to measure.
      delays.enable();
      // Its clock ticks once in that time: an idle loop is late by nothing.
      const p99 = delays.count > 0 ? delays.percentile(99) : 0;
      const eventLoopDelayMs = Math.max(0, p99 / NS_PER_MS - RESOLUTION_MS);
      delays.reset();
      return { eventLoopDelayMs, ...(await more()) };
    },
    stop: () => void delays.disable(),
  };
}
