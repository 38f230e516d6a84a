import { Problem } from '@backhaul/http';
import { PROVIDER_NAMES, type ProviderName } from '@backhaul/psa';

/** @throws Problem 400 for a PSA we do not speak to (B2) */
export function providerOf(name: string): ProviderName {
  const provider = PROVIDER_NAMES.find((known) => known === name);
  if (!provider) {
    const detail = `must be one of ${PROVIDER_NAMES.join(', ')}`;
    throw Problem.badRequest([{ pointer: '/provider', detail, rule: 'isIn' }]);
  }
  return provider;
}
