import { systemClock, type Clock } from '@backhaul/domain';
import { Journal, type Kept, type Line } from '../journal/journal.js';
import { vendorTime, type Actor, type Provider } from '../tickets/ticket.js';
import { BadInput, type Input, InputReader } from './bad-input.js';
import { hashOf, LETTERS_AND_DIGITS, randomText, SMALL_AND_DIGITS } from './credentials.js';
import { demoMembers, demoResources } from './demo-users.js';
import { changedMember, readMember, type ApiKey, type Member } from './member.js';
import { changedResource, isApiUser, nameOf, readResource, type Resource } from './resource.js';

type UserLine = { kind: 'member'; member: Member } | { kind: 'resource'; resource: Resource };

/** Who works in both PSAs and which programs may call them, in memory and in the journal. */
export class UserStore implements Kept {
  private readonly membersById = new Map<number, Member>();
  private readonly membersByKey = new Map<string, Member>();
  private readonly resourcesById = new Map<number, Resource>();
  private readonly resourcesByUsername = new Map<string, Resource>();

  constructor(
    private readonly journal: Journal = new Journal(null),
    private readonly clock: Clock = systemClock,
  ) {
    this.begin();
    journal.keep(this);
  }

  members(): Member[] {
    return [...this.membersById.values()];
  }

  /** @throws BadInput 404 */
  member(id: number): Member {
    return found(this.membersById.get(id));
  }

  withPublicKey(publicKey: string): Member | undefined {
    return this.membersByKey.get(publicKey);
  }

  /** A new API member, without a key yet. @throws BadInput */
  addMember(input: Input): Member {
    const fields = readMember(input);
    const isTaken = this.members().some(
      ({ identifier }) => identifier.toLowerCase() === fields.identifier.toLowerCase(),
    );
    if (isTaken) throw new BadInput([{ field: 'identifier', detail: 'is taken' }], 409);
    const id = nextId(this.membersById.keys());
    return this.saveMember({ ...fields, id, isApi: true, isInactive: false, keys: [] });
  }

  /** @throws BadInput */
  changeMember(id: number, input: Input): Member {
    return this.saveMember(changedMember(this.member(id), input));
  }

  /** The only moment at which the private key is known. @throws BadInput */
  addKey(memberId: number, input: Input): { key: ApiKey; privateKey: string } {
    const member = this.member(memberId);
    const reader = new InputReader(input);
    const description = reader.text('description', 50);
    if (!member.isApi) reader.fault('description', 'only API members have keys here');
    reader.done();
    const privateKey = randomText(16, LETTERS_AND_DIGITS);
    const key: ApiKey = {
      id: nextId(member.keys.map((each) => each.id)),
      description,
      publicKey: randomText(16, LETTERS_AND_DIGITS),
      privateKeyHash: hashOf(privateKey),
      createdAt: vendorTime(this.clock.now()),
    };
    this.saveMember({ ...member, keys: [...member.keys, key] });
    return { key, privateKey };
  }

  /** @throws BadInput 404 */
  removeKey(memberId: number, keyId: number): void {
    const member = this.member(memberId);
    found(member.keys.find(({ id }) => id === keyId));
    this.saveMember({ ...member, keys: member.keys.filter(({ id }) => id !== keyId) });
  }

  resources(): Resource[] {
    return [...this.resourcesById.values()];
  }

  /** @throws BadInput 404 */
  resource(id: number): Resource {
    return found(this.resourcesById.get(id));
  }

  withUsername(username: string): Resource | undefined {
    return this.resourcesByUsername.get(username.toLowerCase());
  }

  /** A new API user with key and secret: the only moment at which the secret is known. @throws BadInput */
  addResource(input: Input): { resource: Resource; secret: string } {
    const fields = readResource(input);
    const secret = newSecret();
    const resource: Resource = {
      ...fields,
      id: nextId(this.resourcesById.keys()),
      isActive: true,
      isLocked: false,
      username: `${randomText(15, SMALL_AND_DIGITS)}@demo.example`,
      secretHash: hashOf(secret),
    };
    return { resource: this.saveResource(resource), secret };
  }

  /** @throws BadInput */
  changeResource(id: number, input: Input): Resource {
    return this.saveResource(changedResource(this.resource(id), input));
  }

  /** The secret before stops working. @throws BadInput 404 */
  renewSecret(id: number): { resource: Resource; secret: string } {
    const resource = this.resource(id);
    if (!isApiUser(resource)) throw new BadInput([{ field: 'id', detail: 'is no API user' }]);
    const secret = newSecret();
    return { resource: this.saveResource({ ...resource, secretHash: hashOf(secret) }), secret };
  }

  /** Who may work in the PSA's own pages, the first where nobody is named. @throws BadInput */
  personOf(provider: Provider, name: string | undefined): Actor {
    const people = this.people(provider);
    const person = name === undefined ? people[0] : people.find((each) => each === name);
    if (person === undefined)
      throw new BadInput([{ field: 'as', detail: 'is a person of the PSA: API users cannot log in to it' }]);
    return { kind: 'person', name: person };
  }

  /** Names of active people; API users have no licence and cannot log in. */
  people(provider: Provider): string[] {
    return provider === 'connectwise'
      ? this.members()
          .filter(({ isApi, isInactive }) => !isApi && !isInactive)
          .map(({ identifier }) => identifier)
      : this.resources()
          .filter((resource) => !isApiUser(resource) && resource.isActive)
          .map(nameOf);
  }

  /** The users that are there at first, and no other. */
  reset(): void {
    this.begin();
    this.journal.rewrite();
  }

  lines(): UserLine[] {
    return [
      ...this.members().map((member) => ({ kind: 'member' as const, member })),
      ...this.resources().map((resource) => ({ kind: 'resource' as const, resource })),
    ];
  }

  apply(line: Line | UserLine): void {
    if (isMemberLine(line)) {
      for (const key of this.membersById.get(line.member.id)?.keys ?? [])
        this.membersByKey.delete(key.publicKey);
      this.membersById.set(line.member.id, line.member);
      for (const key of line.member.keys) this.membersByKey.set(key.publicKey, line.member);
    } else if (isResourceLine(line)) {
      const { resource } = line;
      this.resourcesById.set(resource.id, resource);
      if (resource.username !== null) this.resourcesByUsername.set(resource.username.toLowerCase(), resource);
    }
  }

  private begin(): void {
    for (const each of [this.membersById, this.membersByKey, this.resourcesById, this.resourcesByUsername])
      each.clear();
    for (const member of demoMembers()) this.apply({ kind: 'member', member });
    for (const resource of demoResources()) this.apply({ kind: 'resource', resource });
  }

  private saveMember(member: Member): Member {
    this.journal.append({ kind: 'member', member } as UserLine);
    this.apply({ kind: 'member', member });
    return member;
  }

  private saveResource(resource: Resource): Resource {
    this.journal.append({ kind: 'resource', resource } as UserLine);
    this.apply({ kind: 'resource', resource });
    return resource;
  }
}

const isMemberLine = (line: Line): line is Extract<UserLine, { kind: 'member' }> => line.kind === 'member';
const isResourceLine = (line: Line): line is Extract<UserLine, { kind: 'resource' }> =>
  line.kind === 'resource';

function newSecret(): string {
  return randomText(25, LETTERS_AND_DIGITS);
}

function nextId(ids: Iterable<number>): number {
  return Math.max(0, ...ids) + 1;
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new BadInput([{ field: 'id', detail: 'is not there' }], 404);
  return value;
}
