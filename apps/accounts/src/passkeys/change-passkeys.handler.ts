import { Problem } from '@backhaul/http';
import { type AuditTrail, brokenConstraint, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import type { Client } from '../authentications/client.js';
import { assertFactorLeft } from '../people/factor-owed.js';
import { type Person, subjectOf } from '../people/person.js';
import type { SessionRepository } from '../sessions/session.repository.js';
import type { ChallengeRepository } from './challenge.repository.js';
import { clientDataOf, creationOptions, newPasskeyOf } from './passkey-ceremonies.js';
import type { NewPasskey, Passkey, PasskeyRepository } from './passkey.repository.js';
import type { AddPasskeyIn, NewCredentialIn } from './passkeys.types.js';
import { relyingPartyOf } from './relying-party.js';

const MOST = 20;

export interface PasskeyStores {
  challenges: ChallengeRepository;
  passkeys: PasskeyRepository;
  sessions: SessionRepository;
}

export interface Added {
  passkey: Passkey;
  /** The session's new secret; null where it goes on as it was. */
  secret: string | null;
}

/** A person adds a passkey, or takes one away; both end the other sessions. */
export class ChangePasskeysHandler {
  constructor(
    private readonly publicUrl: string,
    private readonly unitOfWork: UnitOfWork,
    private readonly authenticate: AuthenticateHandler,
    private readonly stores: PasskeyStores,
    private readonly audit: AuditTrail,
  ) {}

  async list(client: Client): Promise<Passkey[]> {
    const { person } = await this.authenticate.live(client.sessionHash);
    return this.stores.passkeys.ofPerson(person.personId);
  }

  /** @throws Problem 409 with too many of them, or without a name of the portal */
  async options(client: Client): Promise<Record<string, unknown>> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    const rp = relyingPartyOf(this.publicUrl);
    const known = await this.stores.passkeys.ofPerson(person.personId);
    if (known.length >= MOST) throw tooMany();
    const challenge = await this.stores.challenges.make('add', session.sessionId);
    return creationOptions(rp, person, known, challenge);
  }

  /** @throws Problem 409 for one that is known, 422 for what is none of ours */
  async add(client: Client, { name, credential }: AddPasskeyIn): Promise<Added> {
    const { session } = await this.authenticate.live(client.sessionHash);
    const made = await this.made(credential, session.sessionId);
    if (!made) throw notOurs();
    try {
      return await this.unitOfWork.run((tx) => this.store(tx, client, { ...made, name: name.trim() }));
    } catch (error) {
      if (brokenConstraint(error) === 'passkey_credential')
        throw Problem.conflict('This passkey is known already.');
      throw error;
    }
  }

  /** @throws Problem 404, 409 for the last factor where the brand demands one */
  async remove(client: Client, passkeyId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const { session, person } = await this.authenticate.held(client.sessionHash, tx);
      const removed = await this.stores.passkeys.remove(tx, person.personId, passkeyId);
      if (!removed) throw Problem.notFound();
      const left = await this.stores.passkeys.ofPerson(person.personId, tx);
      assertFactorLeft({ ...person, hasPasskey: left.length > 0 });
      await this.stores.sessions.endAll(tx, person.personId, session.sessionId);
      await this.record(tx, 'passkey.remove', person, removed.name);
    });
  }

  private async made(
    credential: NewCredentialIn,
    sessionId: string,
  ): Promise<Omit<NewPasskey, 'name'> | null> {
    const said = clientDataOf(credential.response);
    const isOurs = said !== null && (await this.stores.challenges.use(said.challenge, 'add', sessionId));
    if (!isOurs || said.isCrossOrigin) return null;
    return newPasskeyOf(relyingPartyOf(this.publicUrl), credential, said.challenge);
  }

  private async store(tx: Tx, client: Client, passkey: NewPasskey): Promise<Added> {
    const { session, person } = await this.authenticate.held(client.sessionHash, tx);
    if ((await this.stores.passkeys.ofPerson(person.personId, tx)).length >= MOST) throw tooMany();
    const stored = await this.stores.passkeys.add(tx, person.personId, passkey);
    await this.stores.sessions.endAll(tx, person.personId, session.sessionId);
    await this.record(tx, 'passkey.add', person, passkey.name);
    return { passkey: stored, secret: await this.stores.sessions.showFactor(tx, session) };
  }

  private record(tx: Tx, action: string, person: Person, name: string): Promise<void> {
    const [kind = '', id = ''] = subjectOf(person).split(':');
    return this.audit.record(tx, person.partnerId, { action, target: { kind, id }, detail: { name } });
  }
}

const tooMany = (): Problem => Problem.conflict(`Nobody has more than ${MOST} passkeys; remove one first.`);
const notOurs = (): Problem =>
  Problem.unprocessable('That is no passkey for this portal.', [
    { pointer: '/credential', detail: 'must answer the newest options, from this portal', rule: 'passkey' },
  ]);
