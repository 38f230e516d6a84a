import type { Actor } from '../tickets/ticket.js';
import { nameOf, type Resource } from '../users/resource.js';
import type { VendorRequest } from '../vendor/vendor-surface.js';
import { refused } from './autotask.answers.js';
import type { EntityRecord } from './autotask.filter.js';

/** A request whose keys were right. */
export interface ResourceRequest extends VendorRequest {
  /** The API user, or the resource in whose name it writes. */
  resource: Resource;
}

export function actorOf({ resource }: ResourceRequest): Actor {
  return { kind: 'api', name: nameOf(resource) };
}

/** @throws Refusal of a body that is no JSON object */
export function bodyOf(request: VendorRequest): EntityRecord {
  const { body } = request;
  if (request.hasInvalidJson || typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused('The request body is no JSON object; field: body.');
  }
  return body as EntityRecord;
}
