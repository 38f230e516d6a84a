import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Secret } from '@backhaul/domain';
import type { AuditHeadPayload } from '@backhaul/messaging';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export type UnsignedHead = Omit<AuditHeadPayload, 'signature'>;

const textOf = ({ partnerId, entries, head, at, kind }: UnsignedHead): Buffer =>
  Buffer.from(['backhaul audit head', partnerId, entries, head, at, kind].join('|'));

/**
 * Signs ends of audit logs by a key that comes from the platform's own: whoever can write to the tables, or to the topic,
 * can make none. Anybody may check one with the public key.
 */
export class HeadSignature {
  private readonly key: KeyObject;
  private readonly publicKey: KeyObject;

  constructor(platformKey: Secret<Buffer>) {
    const seed = Buffer.from(hkdfSync('sha256', platformKey.reveal(), '', 'audit heads', 32));
    this.key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.key);
  }

  sign(head: UnsignedHead): AuditHeadPayload {
    return { ...head, signature: sign(null, textOf(head), this.key).toString('base64url') };
  }

  isOurs(head: AuditHeadPayload): boolean {
    return verify(null, textOf(head), this.publicKey, Buffer.from(head.signature, 'base64url'));
  }

  /** PEM, for whoever keeps anchors elsewhere and wants to check them. */
  publicPem(): string {
    return String(this.publicKey.export({ format: 'pem', type: 'spki' }));
  }
}
