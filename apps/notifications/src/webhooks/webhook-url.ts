import { isIP } from 'node:net';
import { type AllowList, bareHost } from '@backhaul/psa/egress';

/** Names that no public resolver knows (RFC 6761, 6762, 9476). */
const NOT_PUBLIC = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;

/** Why an address cannot be called; null if it can. What a name stands for is judged when it is dialled. */
export function webhookUrlProblem(text: string, allow: AllowList): string | null {
  if (!URL.canParse(text)) return 'must be an https address';
  const url = new URL(text);
  if (url.username || url.password || url.hash) return 'must hold no user and no fragment';
  if (!['http:', 'https:'].includes(url.protocol)) return 'must begin with https://';
  const host = bareHost(url.hostname);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (allow.allowsHost(host, port) || (isIP(host) !== 0 && allow.allowsAddress(host, port))) return null;
  if (url.protocol !== 'https:') return 'must begin with https://';
  if (url.port) return 'must name no port';
  return isIP(host) === 0 && host.includes('.') && !NOT_PUBLIC.test(host) ? null : 'must be a public name';
}
