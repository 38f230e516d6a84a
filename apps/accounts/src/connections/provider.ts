import { Problem } from '@backhaul/http';
import { PROVIDER_NAMES, type ProviderName } from '@backhaul/psa';

/** @throws Problem 404 for a PSA we do not speak to */
export function providerOf(name: string): ProviderName {
  const provider = PROVIDER_NAMES.find((known) => known === name);
  if (!provider) throw Problem.notFound();
  return provider;
}
