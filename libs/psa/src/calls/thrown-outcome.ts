import type { PsaOutcome, PsaReason } from '../psa-error.js';

type Verdict = { outcome: PsaOutcome; reason: PsaReason; code: string | null };

/** Codes that undici, Node and OpenSSL use only while nothing of the request has left this process. */
const NOT_SENT: Record<string, PsaReason> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  EAI_FAIL: 'host_not_found',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  EGRESS_BLOCKED: 'egress_blocked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_failed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_failed',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_failed',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_failed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_failed',
  CERT_HAS_EXPIRED: 'tls_failed',
  CERT_NOT_YET_VALID: 'tls_failed',
  CERT_REVOKED: 'tls_failed',
  CERT_UNTRUSTED: 'tls_failed',
  CERT_REJECTED: 'tls_failed',
  CERT_SIGNATURE_FAILURE: 'tls_failed',
  CERT_CHAIN_TOO_LONG: 'tls_failed',
  INVALID_CA: 'tls_failed',
  INVALID_PURPOSE: 'tls_failed',
  HOSTNAME_MISMATCH: 'tls_failed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_failed',
};
/** OpenSSL's words for a handshake that came to nothing; its names change between versions. */
const HANDSHAKE_FAILED =
  /^ERR_SSL_.*(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|HANDSHAKE_FAILURE|NO_PROTOCOLS_AVAILABLE|HTTP_REQUEST)$/;
/** These may also end a connection that carried the request: only a failed `connect` proves otherwise. */
const NOT_SENT_ON_CONNECT = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
]);

const UNKNOWN: Record<string, PsaReason> = {
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  UND_ERR_HEADERS_TIMEOUT: 'timed_out',
  UND_ERR_BODY_TIMEOUT: 'timed_out',
  UND_ERR_ABORTED: 'aborted',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'unreadable_answer',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answer_too_large',
  UND_ERR_HEADERS_OVERFLOW: 'answer_too_large',
};

/** What a thrown value says of the request. Whatever is not proven to be unsent is unknown. */
export function thrownOutcome(thrown: unknown): Verdict {
  const code = codeOf(thrown);
  if (wasNeverSent(thrown)) {
    return { outcome: 'not_sent', reason: notSentReason(code), code };
  }
  return { outcome: 'unknown', reason: unknownReason(thrown, code), code };
}

function wasNeverSent(thrown: unknown): boolean {
  // Happy eyeballs: every address was tried, every try failed for its own reason.
  const { errors, syscall } = fieldsOf(thrown);
  if (Array.isArray(errors) && errors.length > 0) return errors.every(wasNeverSent);
  const code = codeOf(thrown);
  if (code === null) return false;
  if (Object.hasOwn(NOT_SENT, code) || HANDSHAKE_FAILED.test(code)) return true;
  return syscall === 'connect' && NOT_SENT_ON_CONNECT.has(code);
}

function notSentReason(code: string | null): PsaReason {
  if (code !== null && HANDSHAKE_FAILED.test(code)) return 'tls_failed';
  return (code === null ? undefined : NOT_SENT[code]) ?? 'unreachable';
}

function unknownReason(thrown: unknown, code: string | null): PsaReason {
  const { name } = fieldsOf(thrown);
  if (name === 'TimeoutError') return 'timed_out';
  if (name === 'AbortError') return 'aborted';
  if (name === 'HTTPParserError' || code?.startsWith('HPE_') === true) return 'unreadable_answer';
  return (code !== null && Object.hasOwn(UNKNOWN, code) ? UNKNOWN[code] : undefined) ?? 'unexpected_failure';
}

function codeOf(thrown: unknown): string | null {
  const { code } = fieldsOf(thrown);
  return typeof code === 'string' ? code : null;
}

/** Not `instanceof`: what aborts a request may come from another realm. */
function fieldsOf(thrown: unknown): { code?: unknown; name?: unknown; errors?: unknown; syscall?: unknown } {
  return typeof thrown === 'object' && thrown !== null ? thrown : {};
}
