import type { AccountNo, BrandId, PartnerId } from '@backhaul/domain';
import { type Identity, Problem, type Role } from '@backhaul/http';

/** Somebody who can log in: an account of a partner, or an operator of the platform. */
export interface Person {
  personId: string;
  /** Null for an operator. */
  accountNo: AccountNo | null;
  operatorId: string | null;
  partnerId: PartnerId;
  partnerName: string;
  /** Then nobody of the partner is let in, whatever they prove. */
  isSuspended: boolean;
  /** Others of the partner may act as this person. */
  allowsImpersonation: boolean;
  /** The brand below which the role holds; null when that is the partner's own, above all others. */
  brandId: BrandId | null;
  username: string;
  role: Role;
  passwordHash: string | null;
  contact: string | null;
  hasShortPassword: boolean;
  /** Codes of an authenticator. */
  hasSecondFactor: boolean;
  hasPasskey: boolean;
  /** The brand in which the role holds, or one above it, demands one; never of a program, and of no operator. */
  isSecondFactorRequired: boolean;
}

export const subjectOf = ({ accountNo, operatorId }: Person): string =>
  accountNo === null ? `operator:${operatorId}` : `account:${accountNo}`;

/** After the proof of who it is: who guesses learns nothing of it. @throws Problem 403 */
export function assertNotSuspended({ isSuspended }: Person): void {
  if (isSuspended) throw Problem.partnerSuspended();
}

/** What a person may do in this moment; `actor` is who really sits there. */
export function identityOf(person: Person, steppedUpAt: Date | null, actor: Person | null = null): Identity {
  const { partnerId, role, brandId, accountNo } = person;
  return {
    partnerId,
    role,
    // The role alone says what people may do.
    scopes: ['read', 'write'],
    subject: subjectOf(person),
    brandId,
    accountNo,
    actor: actor && { accountNo: actor.accountNo, subject: subjectOf(actor) },
    // The gateway knows it.
    ip: null,
    steppedUpAt: steppedUpAt && Math.floor(steppedUpAt.getTime() / 1000),
  };
}
