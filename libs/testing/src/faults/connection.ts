import type { System } from './system.js';
import type { Provider } from './topology.js';

/** The simulator's; a secret is entered together with it. */
const PUBLIC_KEY = 'demoPublicKey';

interface Connection {
  state: string;
  siteUrl?: string;
  companyId?: string;
  solutionName?: string;
  username?: string;
  apiUrl?: string | null;
}

/** What the partner sees of its link to that PSA. */
export const connectionOf = ({ partner }: System, provider: Provider): Promise<Connection> =>
  partner.get<Connection>(`/psa/${provider}/connection`);

/** The partner enters something else for the link to that PSA; what is not named stays. */
export async function changeConnection(
  system: System,
  provider: Provider,
  change: { secret?: string; url?: string },
): Promise<void> {
  const { secret, url } = change;
  const known = await connectionOf(system, provider);
  const { companyId, solutionName, username } = known;
  const body =
    provider === 'connectwise'
      ? {
          siteUrl: url ?? known.siteUrl,
          companyId,
          solutionName,
          ...(secret && { publicKey: PUBLIC_KEY, privateKey: secret }),
        }
      : { username, apiUrl: url ?? known.apiUrl, ...(secret && { password: secret }) };
  await system.partner.put(`/psa/${provider}/connection`, body);
}
