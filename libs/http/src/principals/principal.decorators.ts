import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import type { Principal, Role } from './principal.js';

export const PUBLIC_ROUTE = 'backhaul:public';
export const ALLOWED_ROLES = 'backhaul:roles';
export const NEEDED_SCOPE = 'backhaul:scope';
export const WHOLE_PARTNER = 'backhaul:whole-partner';
export const NEEDS_STEP_UP = 'backhaul:step-up';
export const NOT_WHILE_IMPERSONATING = 'backhaul:not-while-impersonating';

/** The route has its own way to know who asks, or does not care. Every other route needs a principal. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC_ROUTE, true);

/** Only these roles may; others get 403. On a class, for all of its routes; on a method, instead of that. */
export const Roles = (...roles: Role[]): MethodDecorator & ClassDecorator =>
  SetMetadata(ALLOWED_ROLES, roles);

/** The principal must carry this scope, such as `events:write`. */
export const NeedsScope = (scope: string): MethodDecorator & ClassDecorator =>
  SetMetadata(NEEDED_SCOPE, scope);

/** What belongs to the partner as a whole: who sees only a part of it gets 403. */
export const WholePartner = (): MethodDecorator & ClassDecorator => SetMetadata(WHOLE_PARTNER, true);
/** A person must have proved within the last 10 minutes who they are; programs by API key are exempt. */
export const NeedsStepUp = (): MethodDecorator & ClassDecorator => SetMetadata(NEEDS_STEP_UP, true);

/** 403 for who acts as somebody else. */
export const NotWhileImpersonating = (): MethodDecorator & ClassDecorator =>
  SetMetadata(NOT_WHILE_IMPERSONATING, true);

export interface MaybeWithPrincipal {
  principal?: Principal;
}

/** The principal of this request; 401 where a public route asks for one. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<MaybeWithPrincipal>();
  if (!principal) throw Problem.unauthorized();
  return principal;
});
