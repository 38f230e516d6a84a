import { BOARDS } from '../connectwise/connectwise.data.js';
import { hashOf } from './credentials.js';
import { type Input, InputReader } from './bad-input.js';

/** What a key of ConnectWise leaves behind; its private half is known to whom it was shown. */
export interface ApiKey {
  id: number;
  description: string;
  publicKey: string;
  privateKeyHash: string;
  createdAt: string;
}

/** A member of the ConnectWise company: a person, or an API member, who has keys and no licence. */
export interface Member {
  id: number;
  /** The Member ID. */
  identifier: string;
  name: string;
  roleId: number;
  defaultBoardId: number;
  isApi: boolean;
  isInactive: boolean;
  keys: ApiKey[];
}

interface Role {
  id: number;
  name: string;
  /** Which calls it allows. */
  allows(method: string, path: string): boolean;
}

const READS = (method: string, path: string): boolean => method === 'GET' || path.endsWith('/search');
export const ROLES: Role[] = [
  { id: 63, name: 'Admin', allows: () => true },
  {
    id: 64,
    name: 'Service Desk',
    allows: (method, path) => path.startsWith('/service/') || (READS(method, path) && !isBilling(path)),
  },
  { id: 65, name: 'Read Only', allows: READS },
];

function isBilling(path: string): boolean {
  return path.startsWith('/finance/') || path.startsWith('/procurement/');
}

/** @throws BadInput that names every wrong field */
export function readMember(input: Input): Pick<Member, 'identifier' | 'name' | 'roleId' | 'defaultBoardId'> {
  const reader = new InputReader(input);
  const member = {
    identifier: reader.text('identifier', 15),
    name: reader.text('name', 60),
    roleId: reader.rowId('roleId', ROLES),
    defaultBoardId: reader.rowId('defaultBoardId', BOARDS),
  };
  if (/[^\w.-]/.test(member.identifier))
    reader.fault('identifier', 'takes letters, digits, dots, dashes and underscores alone');
  reader.done();
  return member;
}

/** The fields that a page may change later. @throws BadInput */
export function changedMember(member: Member, input: Input): Member {
  const reader = new InputReader(input);
  const changed = {
    ...member,
    ...(reader.has('roleId') ? { roleId: reader.rowId('roleId', ROLES) } : {}),
    ...(reader.has('defaultBoardId') ? { defaultBoardId: reader.rowId('defaultBoardId', BOARDS) } : {}),
    ...(reader.has('isInactive') ? { isInactive: reader.flag('isInactive') } : {}),
  };
  reader.done();
  return changed;
}

/** The member whose keys a Basic header carries, or null: company, key, or the member's state is wrong. */
export function memberWithKeys(
  authorization: string | undefined,
  companyId: string,
  withPublicKey: (publicKey: string) => Member | undefined,
): Member | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization ?? '')?.[1] ?? '';
  const [, company, publicKey = '', privateKey = ''] =
    /^([^+]+)\+([^:]+):([\s\S]+)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const member = withPublicKey(publicKey);
  if (company !== companyId || !member || member.isInactive || !member.isApi) return null;
  const key = member.keys.find((candidate) => candidate.publicKey === publicKey);
  return key?.privateKeyHash === hashOf(privateKey) ? member : null;
}
