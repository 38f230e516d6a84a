import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';

/** The process's one registry; the management port's `/metrics` prints it. */
export const registry = register;

/** Seconds, from 1 ms to 30 s: HTTP calls, queries, PSA calls. */
export const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A counter, made at the first call of that name and shared after. Names end in `_total`. */
export function counter<L extends string = never>(name: string, help: string, labels: L[] = []): Counter<L> {
  const known = registry.getSingleMetric(name);
  return known ? (known as Counter<L>) : new Counter({ name, help, labelNames: labels });
}

/** A gauge; with `collect`, its value is read each time the metrics are. */
export function gauge<L extends string = never>(
  name: string,
  help: string,
  labels: L[] = [],
  collect?: (self: Gauge<L>) => void | Promise<void>,
): Gauge<L> {
  const known = registry.getSingleMetric(name);
  if (known) return known as Gauge<L>;
  return new Gauge({
    name,
    help,
    labelNames: labels,
    ...(collect
      ? {
          collect(this: Gauge<L>) {
            return collect(this);
          },
        }
      : {}),
  });
}

/** A histogram of seconds unless other buckets are given. Names end in `_seconds`. */
export function histogram<L extends string = never>(
  name: string,
  help: string,
  labels: L[] = [],
  buckets: number[] = DURATION_BUCKETS,
): Histogram<L> {
  const known = registry.getSingleMetric(name);
  return known ? (known as Histogram<L>) : new Histogram({ name, help, labelNames: labels, buckets });
}

/** Process, memory, event loop and GC metrics; harmless when repeated. */
export function startDefaultMetrics(): void {
  if (!registry.getSingleMetric('process_cpu_user_seconds_total'))
    collectDefaultMetrics({ register: registry });
}
