import { createHmac, randomBytes } from 'node:crypto';
import { Secret } from '@backhaul/domain';

const PREFIX = 'whsec_';
const NEW_BYTES = 32;
/** As the Standard Webhooks scheme has it: `whsec_` and base64 of 24 to 64 bytes. */
const SHAPE = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const newWebhookSecret = (): Secret<string> =>
  new Secret(PREFIX + randomBytes(NEW_BYTES).toString('base64'));

const bytesOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64');

export function isWebhookSecret(text: string): boolean {
  return SHAPE.test(text) && bytesOf(text).length >= 24 && bytesOf(text).length <= 64;
}

/** What one call is signed over. */
export interface Signed {
  /** The same at every attempt: receivers know a repeat by it. */
  id: string;
  /** Seconds since 1970, of this attempt. */
  timestamp: number;
  body: string;
}

/** Headers of the Standard Webhooks scheme; of several secrets each signs. */
export function signedHeaders({ id, timestamp, body }: Signed, secrets: readonly Secret<string>[]) {
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', bytesOf(secret.reveal())).update(`${id}.${timestamp}.${body}`);
    return `v1,${mac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
