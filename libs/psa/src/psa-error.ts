/**
 * What a caller may do next:
 * `not_sent` nothing reached the PSA, send again; `unknown` the PSA may have done it, search before sending again;
 * `retry_after` refused for now, send again after `retryAfterMs`; `definitive` refused for good, a person must look;
 * `credential` the PSA does not accept our keys, pause the connection.
 */
export const PSA_OUTCOMES = ['not_sent', 'unknown', 'retry_after', 'definitive', 'credential'] as const;
export type PsaOutcome = (typeof PSA_OUTCOMES)[number];

export const PSA_REASONS = [
  // not_sent
  'refused', 'host_not_found', 'tls_failed', 'connect_timeout', 'unreachable', 'egress_blocked', 'aborted_before_sending',
  // unknown
  'connection_lost', 'timed_out', 'aborted', 'unreadable_answer', 'answer_too_large', 'redirected', 'server_error',
  'no_id', 'unexpected_failure',
  // retry_after
  'rate_limited', 'thread_limit',
  // definitive
  'rejected', 'invalid_field', 'forbidden', 'not_found', 'conflict', 'do_not_map', 'setting_missing', 'change_ignored',
  'solution_unknown',
  // credential
  'unauthorized', 'company_unknown',
] as const; // prettier-ignore
export type PsaReason = (typeof PSA_REASONS)[number];

export interface PsaErrorFields {
  outcome: PsaOutcome;
  reason: PsaReason;
  /** Milliseconds to wait, between 1 s and 1 h; null where the PSA said nothing of it. */
  retryAfterMs?: number | null;
  /** HTTP status, or null where no answer came. */
  status?: number | null;
  /** The PSA's own words, cut and without secrets. For operators; never show them unescaped. */
  vendorMessages?: string[];
  vendorRequestId?: string | null;
  /** Code of the failure beneath, such as `ECONNRESET`. */
  code?: string | null;
}

/** The one error of this library. Its message names the outcome and reason only; it has no `cause`, no secret. */
export class PsaError extends Error {
  override readonly name = 'PsaError';
  readonly outcome: PsaOutcome;
  readonly reason: PsaReason;
  readonly retryAfterMs: number | null;
  readonly status: number | null;
  readonly vendorMessages: string[];
  readonly vendorRequestId: string | null;
  readonly code: string | null;

  constructor(fields: PsaErrorFields) {
    super(`${fields.outcome}: ${fields.reason}`);
    this.outcome = fields.outcome;
    this.reason = fields.reason;
    this.retryAfterMs = fields.retryAfterMs ?? null;
    this.status = fields.status ?? null;
    this.vendorMessages = fields.vendorMessages ?? [];
    this.vendorRequestId = fields.vendorRequestId ?? null;
    this.code = fields.code ?? null;
  }
}
