import { Problem } from '@backhaul/http';
import { type Provider, PROVIDERS } from '@backhaul/messaging';

/** @throws Problem 400 for a PSA we do not speak to (B2), 404 for one that another service serves */
export function ownProvider(name: string, own: Provider): void {
  if (name === own) return;
  if ((PROVIDERS as readonly string[]).includes(name)) throw Problem.notFound();
  const detail = `must be one of ${PROVIDERS.join(', ')}`;
  throw Problem.badRequest([{ pointer: '/provider', detail, rule: 'isIn' }]);
}
