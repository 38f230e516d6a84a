import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Person } from '../people/person.js';
import type { NewPasskey, Passkey } from './passkey.repository.js';
import type { NewCredentialIn, PasskeyProofIn } from './passkeys.types.js';
import type { RelyingParty } from './relying-party.js';

const NAME = 'Backhaul';
const TIMEOUT_MS = 5 * 60 * 1000;

/** What a browser needs to make a passkey that is found without a username and that asks for a finger or a PIN. */
export async function creationOptions(
  rp: RelyingParty,
  { personId, username, contact }: Person,
  known: readonly Passkey[],
  challenge: string,
): Promise<Record<string, unknown>> {
  return {
    ...(await generateRegistrationOptions({
      rpName: NAME,
      rpID: rp.id,
      userName: username,
      userDisplayName: contact ?? username,
      userID: new Uint8Array(handleOf(personId)),
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      timeout: TIMEOUT_MS,
      attestationType: 'none',
      excludeCredentials: known.map(({ credentialId: id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })),
  };
}

/** Names no credential: whoever asks learns of nobody's. */
export async function proofOptions(rp: RelyingParty, challenge: string): Promise<Record<string, unknown>> {
  return {
    ...(await generateAuthenticationOptions({
      rpID: rp.id,
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      timeout: TIMEOUT_MS,
      userVerification: 'required',
    })),
  };
}

/** Null for whatever is no new passkey of ours. */
export async function newPasskeyOf(
  rp: RelyingParty,
  credential: NewCredentialIn,
  challenge: string,
): Promise<Omit<NewPasskey, 'name'> | null> {
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: credential as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserVerification: true,
    });
    if (!registrationInfo) return null;
    const { id: credentialId, publicKey, counter } = registrationInfo.credential;
    const transports = credential.response.transports ?? [];
    return { credentialId, publicKey: Buffer.from(publicKey), counter, transports };
  } catch {
    // Its reasons speak of the credential; the client hears one word for all of them.
    return null;
  }
}

/** The authenticator's counter after a proof that is right; null for any other. */
export async function provedCounter(
  rp: RelyingParty,
  proof: PasskeyProofIn,
  passkey: Passkey,
  challenge: string,
): Promise<number | null> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: proof as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserVerification: true,
      // The stored counter is judged after the signature, and for all replicas at once: see PasskeyRepository.used().
      credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    });
    return verified ? authenticationInfo.newCounter : null;
  } catch {
    return null;
  }
}

export interface ClientData {
  challenge: string;
  /** The page sat in a frame of another site. */
  isCrossOrigin: boolean;
}

/** What the browser says it signed for; null for what cannot be read. */
export function clientDataOf({ clientDataJSON }: { clientDataJSON: string }): ClientData | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString());
    const { challenge, crossOrigin } = (read ?? {}) as Record<string, unknown>;
    return typeof challenge === 'string' ? { challenge, isCrossOrigin: crossOrigin === true } : null;
  } catch {
    return null;
  }
}

/** What an authenticator gives back with a proof: whose passkey it is, and nothing that speaks of a person. */
export const handleOf = (personId: string): Buffer => Buffer.from(personId.replaceAll('-', ''), 'hex');
