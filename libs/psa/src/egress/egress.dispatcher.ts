import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AllowList, bareHost, parseAllowList } from './allow-list.js';
import { isBlockedAddress, isPrivateNetwork } from './blocked-addresses.js';

export interface EgressOptions {
  /** EGRESS_ALLOW entries: CIDRs or `host:port`. */
  allow: readonly string[];
  /** What was approved for the connection that this dispatcher serves: `CIDR:port` or `host:port`. */
  approvals?: readonly string[];
  /** PEM of a certificate authority that an on-prem server of this connection uses. */
  ca?: string;
  /** Milliseconds; for tests of the limits themselves. */
  connectTimeoutMs?: number;
  answerTimeoutMs?: number;
  /** Names to addresses; for tests of what a resolver may do to us. */
  lookup?: Resolve;
}

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

export const MAX_ANSWER_BYTES = 5 << 20;
export const CONNECT_TIMEOUT_MS = 5_000;
export const ANSWER_TIMEOUT_MS = 20_000;

export class EgressBlocked extends Error {
  readonly code = 'EGRESS_BLOCKED';
  constructor() {
    super('the address may not be called');
  }
}

/** The only way out to a PSA: checks the address that was really dialled, before any byte of HTTP. */
export function createEgressDispatcher(options: EgressOptions): Dispatcher {
  const answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
  return new Agent({
    connect: guardedConnector(options),
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
    pipelining: 1,
    allowH2: false,
  });
}

function guardedConnector(options: EgressOptions): buildConnector.connector {
  const allow = parseAllowList(options.allow, options.approvals);
  const tls = {
    timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    rejectUnauthorized: true,
    allowH2: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
  const approved = buildConnector(tls);
  return (target, done) => {
    const host = bareHost(target.hostname);
    if (allow.allowsHost(host, portOf(target))) return approved(target, done);
    const isOpen = judge(allow, target);
    // A literal is judged before it is dialled, a name by what it resolves to, and both again on the socket.
    if (isIP(host) !== 0 && !isOpen(host)) return done(new EgressBlocked(), null);
    const guarded = buildConnector({ ...tls, lookup: filteredLookup(isOpen, options.lookup ?? dnsLookup) });
    guarded(target, (...result) => {
      const [error, socket] = result;
      if (error !== null) return done(error, null);
      if (isOpen(socket.remoteAddress ?? '')) return done(null, socket);
      socket.destroy();
      done(new EgressBlocked(), null);
    });
  };
}

/** Whether this target may be dialled at an address. */
function judge(allow: AllowList, target: buildConnector.Options): (address: string) => boolean {
  const port = portOf(target);
  const isPlainWeb = target.protocol === 'https:' && port === 443;
  const isApproved = allow.approvesName(target.hostname, port);
  return (address) =>
    allow.allowsAddress(address, port) ||
    ((isPlainWeb || isApproved) && !isBlockedAddress(address)) ||
    (isApproved && isPrivateNetwork(address));
}

function portOf(target: buildConnector.Options): number {
  return Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
}

/** Keeps even the TLS hello away from blocked addresses. */
function filteredLookup(isOpen: (address: string) => boolean, resolve: Resolve): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const open = found.filter(({ address }) => isOpen(address));
      const [first] = open;
      if (!first) return callback(new EgressBlocked(), '', 0);
      if (options.all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}
