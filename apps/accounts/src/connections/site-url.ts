import { isIP } from 'node:net';
import { Problem } from '@backhaul/http';
import type { AllowList } from '@backhaul/psa';

/**
 * The PSA's address as it is stored: normalised, without a trailing slash (B12).
 * What EGRESS_ALLOW names may be private, use http, a port and a path; all else is https on a public name, without a path.
 * @throws Problem 422
 */
export function siteUrl(text: string, allow: AllowList, pointer: string): string {
  const refuse = (detail: string): Problem =>
    Problem.unprocessable('The address cannot be used.', [{ pointer, detail, rule: 'siteUrl' }]);
  if (!URL.canParse(text)) throw refuse('must be an https address such as https://na.myconnectwise.net');
  const url = new URL(text);
  if (url.username || url.password || url.hash || url.search)
    throw refuse('must hold no user, query or fragment');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const isAllowed = ['http:', 'https:'].includes(url.protocol) && allow.allowsHost(url.hostname, port);
  if (!isAllowed) {
    if (url.protocol !== 'https:') throw refuse('must begin with https://');
    if (url.port) throw refuse('must name no port');
    if (url.pathname !== '/')
      throw refuse('must have no path: give the address of the site, not of its login page');
    if (
      isIP(url.hostname.replace(/^\[|\]$/g, '')) ||
      !url.hostname.includes('.') ||
      url.hostname.endsWith('.local')
    )
      throw refuse('must be a public name');
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
