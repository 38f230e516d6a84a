import { isIP } from 'node:net';
import { Problem } from '@backhaul/http';

/** To whom passkeys belong: the name of the portal, and the one origin from which they are used. */
export interface RelyingParty {
  id: string;
  origin: string;
}

/**
 * Of `PUBLIC_URL`. Browsers make no passkeys for bare addresses; the machine itself has a name all the same.
 * @throws Problem 409 when the portal has an address and no name
 */
export function relyingPartyOf(publicUrl: string): RelyingParty {
  const url = new URL(publicUrl);
  if (['127.0.0.1', '[::1]'].includes(url.hostname)) url.hostname = 'localhost';
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0)
    throw Problem.conflict('Passkeys need a portal with a name; PUBLIC_URL holds an address.');
  return { id: url.hostname, origin: url.origin };
}
