import { hash, randomBytes } from 'node:crypto';
import type { Binding } from '../accounts/account-directory.js';
import type { AccountNo, CustomerId, EndpointId, PartnerId } from '@backhaul/domain';

/** The agents that have an address of their own (`/ingest/{agent}`). */
export const ENDPOINT_AGENTS = [
  'duplicati', 'restic', 'borg', 'kopia', 'proxmox-ve', 'proxmox-bs', 'comet', 'veeam-vbr', 'ahsay', 'urbackup',
  'bareos', 'generic',
] as const; // prettier-ignore
export type EndpointAgent = (typeof ENDPOINT_AGENTS)[number];

export function isEndpointAgent(text: string): text is EndpointAgent {
  return (ENDPOINT_AGENTS as readonly string[]).includes(text);
}

/** Where one agent reports: bound to an account, or to a customer whose accounts are told apart by their names. */
export interface Endpoint {
  id: EndpointId;
  partnerId: PartnerId;
  agent: EndpointAgent;
  accountNo: AccountNo | null;
  custId: CustomerId | null;
  name: string;
  createdAt: Date;
  rotatedAt: Date | null;
  revokedAt: Date | null;
  /** When one of its keys was last used, to the minute. */
  lastUsedAt: Date | null;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_LENGTH = 40;
/** The largest multiple of 62 below 256: a byte above it would favour some letters. */
const FAIR_BELOW = 248;

/** A fresh key: 238 random bits, safe in a URL, recognised by its prefix. */
export function newEndpointKey(): string {
  let secret = '';
  while (secret.length < KEY_LENGTH) {
    for (const byte of randomBytes(KEY_LENGTH)) {
      if (byte < FAIR_BELOW && secret.length < KEY_LENGTH) secret += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return `bke_${secret}`;
}

/** What is stored of a key. A plain digest suffices for a secret of that many bits. */
export function keyHashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** Whose results it brings: its own account's or customer's, wherever these sit. */
export const bindingOf = ({ partnerId, accountNo, custId }: Endpoint): Binding => ({
  partnerId,
  accountNo,
  custId,
  brandId: null,
});
