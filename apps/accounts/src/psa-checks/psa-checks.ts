import { SERVICE_HEADER, signService } from '@backhaul/http';
import type { Choice, Contract, ProviderName, SettingsCheck, TicketingOptions } from '@backhaul/psa';
import { Logger } from '@nestjs/common';

/** The link as ticketing gets it by Kafka too: its secrets sealed. */
export interface CheckedLink {
  connectionId: string;
  partnerId: string;
  endpoint: Record<string, string | null>;
  sealedSecret: string;
  egress: string[];
}

export interface PsaQuestion {
  ticketing?: TicketingOptions;
  companies?: string[];
  contracts?: string[];
}

export interface PsaAnswer {
  settings?: SettingsCheck;
  companies?: Choice[];
  contracts?: Contract[];
}

/** Whoever can ask a PSA before something is saved that names what is in it. */
export interface PsaChecks {
  /** Null where the PSA could not be asked: then what was given is saved as it is. */
  ask(provider: ProviderName, link: CheckedLink, question: PsaQuestion): Promise<PsaAnswer | null>;
}

const ASK_MS = 10_000;

/** Ticketing asks: it alone opens credentials for more than a test of them. */
export class TicketingChecks implements PsaChecks {
  private readonly logger = new Logger('PsaChecks');

  constructor(
    private readonly urls: Record<ProviderName, string>,
    private readonly serviceTokenKey: string,
  ) {}

  async ask(provider: ProviderName, link: CheckedLink, question: PsaQuestion): Promise<PsaAnswer | null> {
    if (this.urls[provider] === '') return null;
    try {
      const answer = await fetch(new URL('/internal/psa-checks', this.urls[provider]), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [SERVICE_HEADER]: signService(this.serviceTokenKey, 'psa-check'),
        },
        body: JSON.stringify({ ...link, ...question }),
        redirect: 'error',
        signal: AbortSignal.timeout(ASK_MS),
      });
      if (answer.status === 200) return (await answer.json()) as PsaAnswer;
      this.logger.warn(`${provider} was not asked before a save: ${answer.status}`);
    } catch (error) {
      this.logger.warn(`${provider} was not asked before a save: ${String(error)}`);
    }
    return null;
  }
}
