import { jsonAnswer } from '../vendor/answer.js';
import type { Actor } from '../tickets/ticket.js';
import type { Member } from '../users/member.js';
import type { VendorRequest } from '../vendor/vendor-surface.js';
import { fieldError, invalidObject, type Refusal } from './connectwise.answers.js';
import type { Fields } from './connectwise.references.js';

/** A request whose keys were right. */
export interface MemberRequest extends VendorRequest {
  member: Member;
}

export function actorOf({ member }: MemberRequest): Actor {
  return { kind: 'api', name: member.identifier };
}

/** @throws Refusal of a body that is no JSON object */
export function objectOf(request: VendorRequest, entity: string): Fields {
  const { body } = request;
  if (request.hasInvalidJson || typeof body !== 'object' || body === null || Array.isArray(body))
    throw unreadable(entity);
  return body as Fields;
}

export function unreadable(entity: string): Refusal {
  return invalidObject(entity, [fieldError('InvalidBody', 'The body is no JSON object.', entity, 'body')]);
}

/** Merging and bundling answer 200 either way. */
export const success = (isDone: boolean, message: string) => jsonAnswer(200, { success: isDone, message });
