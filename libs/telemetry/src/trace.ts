import { context, isSpanContextValid, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The current trace as a W3C traceparent, to be stored beside a row; null when nothing is traced. */
export function traceparent(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** Runs `fn` as a continuation of a stored trace; an absent or malformed one starts afresh. */
export function withTraceparent<T>(stored: string | null | undefined, fn: () => T): T {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(stored ?? '') ?? [];
  if (!traceId || !spanId || !flags) return context.with(ROOT_CONTEXT, fn);
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return context.with(
    trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true }),
    fn,
  );
}
