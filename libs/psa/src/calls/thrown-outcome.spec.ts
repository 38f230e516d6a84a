import { describe, expect, it } from '@jest/globals';
import { thrownOutcome } from './thrown-outcome.js';

const coded = (code: string, syscall?: string): Error => Object.assign(new Error(code), { code, syscall });

describe('what a thrown value says of the request', () => {
  const rows: [thrown: unknown, outcome: string, reason: string][] = [
    [coded('ECONNREFUSED', 'connect'), 'not_sent', 'refused'],
    [coded('ENOTFOUND', 'getaddrinfo'), 'not_sent', 'host_not_found'],
    [coded('EAI_AGAIN', 'getaddrinfo'), 'not_sent', 'host_not_found'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'not_sent', 'connect_timeout'],
    [coded('EGRESS_BLOCKED'), 'not_sent', 'egress_blocked'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'not_sent', 'tls_failed'],
    [coded('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'not_sent', 'tls_failed'],
    [coded('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'), 'not_sent', 'tls_failed'],
    [coded('EHOSTUNREACH', 'connect'), 'not_sent', 'unreachable'],
    [coded('ETIMEDOUT', 'connect'), 'not_sent', 'unreachable'],
    [
      new AggregateError([coded('ECONNREFUSED', 'connect'), coded('ENETUNREACH', 'connect')]),
      'not_sent',
      'unreachable',
    ],
    [coded('EHOSTUNREACH', 'write'), 'unknown', 'unexpected_failure'],
    [coded('ETIMEDOUT', 'read'), 'unknown', 'unexpected_failure'],
    [coded('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'), 'unknown', 'unexpected_failure'],
    [coded('ECONNRESET', 'read'), 'unknown', 'connection_lost'],
    [coded('EPIPE', 'write'), 'unknown', 'connection_lost'],
    [coded('UND_ERR_SOCKET'), 'unknown', 'connection_lost'],
    [coded('UND_ERR_HEADERS_TIMEOUT'), 'unknown', 'timed_out'],
    [coded('UND_ERR_BODY_TIMEOUT'), 'unknown', 'timed_out'],
    [coded('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), 'unknown', 'unreadable_answer'],
    [coded('HPE_INVALID_CONSTANT'), 'unknown', 'unreadable_answer'],
    [Object.assign(new Error('x'), { name: 'HTTPParserError' }), 'unknown', 'unreadable_answer'],
    [
      new AggregateError([coded('ECONNREFUSED', 'connect'), coded('ECONNRESET', 'read')]),
      'unknown',
      'unexpected_failure',
    ],
    [new AggregateError([]), 'unknown', 'unexpected_failure'],
    [coded('constructor'), 'unknown', 'unexpected_failure'],
    [coded('__proto__'), 'unknown', 'unexpected_failure'],
    [new TypeError('our bug'), 'unknown', 'unexpected_failure'],
    ['a string', 'unknown', 'unexpected_failure'],
    [null, 'unknown', 'unexpected_failure'],
    [undefined, 'unknown', 'unexpected_failure'],
  ];
  it.each(rows)('%p is %s: %s', (thrown, outcome, reason) => {
    expect(thrownOutcome(thrown)).toMatchObject({ outcome, reason });
  });
});
