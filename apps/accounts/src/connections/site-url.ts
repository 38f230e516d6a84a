import { isIP } from 'node:net';
import { Problem } from '@backhaul/http';
import { type AllowList, bareHost } from '@backhaul/psa';

/** Names that no public resolver knows (RFC 6761, 6762, 9476). */
const NOT_PUBLIC = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;

/**
 * The PSA's address as it is stored: normalised, without a trailing slash (B12).
 * What EGRESS_ALLOW names or what was approved for the connection may be private, use http, a port and a path; all else is
 * https on a public name, without a path. What a name stands for is judged when it is dialled.
 * @throws Problem 422
 */
export function siteUrl(text: string, allow: AllowList, pointer: string): string {
  const problem = problemWith(text, allow);
  if (problem !== null)
    throw Problem.unprocessable('The address cannot be used.', [
      { pointer, detail: problem, rule: 'siteUrl' },
    ]);
  const { protocol, hostname, port, pathname } = new URL(text);
  const origin = `${protocol}//${hostname.replace(/\.$/, '')}${port === '' ? '' : `:${port}`}`;
  return (origin + pathname).replace(/\/+$/, '');
}

function problemWith(text: string, allow: AllowList): string | null {
  if (!URL.canParse(text)) return 'must be an https address such as https://na.myconnectwise.net';
  const url = new URL(text);
  if (url.username || url.password || url.hash || url.search) return 'must hold no user, query or fragment';
  if (isAllowed(url, allow)) return null;
  if (url.protocol !== 'https:') return 'must begin with https://';
  if (url.port) return 'must name no port';
  if (url.pathname !== '/') return 'must have no path: give the address of the site, not of its login page';
  const host = bareHost(url.hostname);
  const isPublicName = isIP(host) === 0 && host.includes('.') && !NOT_PUBLIC.test(host);
  return isPublicName ? null : 'must be a public name';
}

function isAllowed({ protocol, hostname, port }: URL, allow: AllowList): boolean {
  if (!['http:', 'https:'].includes(protocol)) return false;
  const [host, number] = [bareHost(hostname), Number(port || (protocol === 'https:' ? 443 : 80))];
  if (allow.allowsHost(host, number) || allow.approvesName(host, number)) return true;
  return isIP(host) === 0 ? allow.approvesPort(number) : allow.allowsAddress(host, number);
}
