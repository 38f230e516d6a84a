import { hkdfSync } from 'node:crypto';
import type { Secret } from '@backhaul/domain';
import { seal } from '@backhaul/persistence';
import { unseal } from '@backhaul/persistence/opening';

/**
 * Seals what a person's authenticator shares with us. Under a key of the platform's own, since an operator has no partner,
 * that a rotation of the key encryption key wraps anew.
 */
export class SecretBox {
  private readonly key: Buffer;

  constructor(platformKey: Secret<Buffer>) {
    this.key = Buffer.from(hkdfSync('sha256', platformKey.reveal(), '', 'totp secrets', 32));
  }

  close(personId: string, secret: string): string {
    return seal(this.key, placeOf(personId), secret);
  }

  /** @throws SealError */
  open(personId: string, sealed: string): string {
    return unseal(this.key, placeOf(personId), sealed);
  }
}

const placeOf = (personId: string): string => `platform|totp|sealed_secret|${personId}`;
