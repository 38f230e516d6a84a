import type { PartnerId } from '@backhaul/domain';
import { PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';

export const SERVICE_KEY = 'k'.repeat(32);

/** That partner's senior manager, at the API of the ticketing of that PSA, as the gateway lets it through. */
export function callerOf(url: string, provider: Provider, partnerId: PartnerId) {
  const principal = programIdentity({
    partnerId,
    role: 'partner-senior-manager',
    scopes: [],
    subject: 'key:test',
  });
  return async (method: string, path: string): Promise<{ status: number; body: unknown }> => {
    const headers = { [PRINCIPAL_HEADER]: signPrincipal(SERVICE_KEY, principal, `ticketing-${provider}`) };
    const answer = await fetch(url + path, { method, headers });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
}
