import type { AuditTrail, UnitOfWork } from '@backhaul/persistence';
import { type Person, subjectOf } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { ChallengeRepository } from './challenge.repository.js';
import { clientDataOf, handleOf, proofOptions, provedCounter } from './passkey-ceremonies.js';
import type { Passkey, PasskeyRepository } from './passkey.repository.js';
import type { PasskeyProofIn } from './passkeys.types.js';
import { relyingPartyOf } from './relying-party.js';

export interface ProofPlace {
  purpose: 'log-in' | 'step-up';
  /** Null before a login. */
  sessionId: string | null;
}

/** Says whose a passkey is that was shown. A finger or a PIN on a device that is owned: two factors, and proved just now. */
export class ProvePasskeyHandler {
  constructor(
    private readonly publicUrl: string,
    private readonly challenges: ChallengeRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly people: PersonRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 409 without a name of the portal */
  async options({ purpose, sessionId }: ProofPlace): Promise<Record<string, unknown>> {
    const rp = relyingPartyOf(this.publicUrl);
    return proofOptions(rp, await this.challenges.make(purpose, sessionId));
  }

  /** Null for any reason at all. Its challenge is used up either way. @throws Problem 409 without a name of the portal */
  async personOf(proof: PasskeyProofIn, { purpose, sessionId }: ProofPlace): Promise<Person | null> {
    const rp = relyingPartyOf(this.publicUrl);
    const said = clientDataOf(proof.response);
    const isOurs = said !== null && (await this.challenges.use(said.challenge, purpose, sessionId));
    if (!isOurs || said.isCrossOrigin) return null;
    const passkey = await this.passkeys.findAcrossTenants(proof.id);
    if (!passkey || !isHandleOf(proof, passkey)) return null;
    const counter = await provedCounter(rp, proof, passkey, said.challenge);
    const person = counter === null ? null : await this.people.find(passkey.personId);
    if (counter === null || !person) return null;
    if (await this.passkeys.used(passkey.passkeyId, counter)) return person;
    await this.recordCopy(person, passkey);
    return null;
  }

  /** Signed rightly, with a counter that was there before: somebody holds a copy of the authenticator. */
  private async recordCopy(person: Person, { name }: Passkey): Promise<void> {
    const [kind = '', id = ''] = subjectOf(person).split(':');
    const act = { action: 'passkey.copied', target: { kind, id }, detail: { name } };
    await this.unitOfWork.run((tx) => this.audit.record(tx, person.partnerId, act));
  }
}

function isHandleOf({ response: { userHandle } }: PasskeyProofIn, { personId }: Passkey): boolean {
  return typeof userHandle === 'string' && Buffer.from(userHandle, 'base64url').equals(handleOf(personId));
}
