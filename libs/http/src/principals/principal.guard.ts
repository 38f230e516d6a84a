import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';
import { type Principal, PRINCIPAL_HEADER, type Role, verifyPrincipal } from './principal.js';
import {
  ALLOWED_ROLES,
  type MaybeWithPrincipal,
  NEEDED_SCOPE,
  NEEDS_STEP_UP,
  NOT_WHILE_IMPERSONATING,
  PUBLIC_ROUTE,
  WHOLE_PARTNER,
} from './principal.decorators.js';
import { assertNotImpersonating, assertSteppedUp } from './step-up.js';

/** Denies by default: a route is reached with a principal of ours, or says that it is public. */
export class PrincipalGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(
    private readonly key: string | undefined,
    private readonly audience: string,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || this.read<boolean>(PUBLIC_ROUTE, context)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & MaybeWithPrincipal>();
    const principal = this.principalOf(request);
    request.principal = principal;
    const roles = this.read<Role[]>(ALLOWED_ROLES, context);
    if (roles && !roles.includes(principal.role)) throw Problem.forbidden('The role does not allow this.');
    const scope = this.read<string>(NEEDED_SCOPE, context);
    if (scope && !principal.scopes.includes(scope)) throw Problem.forbidden(`The scope ${scope} is needed.`);
    const isPart = principal.brandId !== null || principal.onlyAccountNo !== null;
    if (isPart && this.read<boolean>(WHOLE_PARTNER, context))
      throw Problem.forbidden('This belongs to the whole partnership.');
    if (this.read<boolean>(NOT_WHILE_IMPERSONATING, context)) assertNotImpersonating(principal);
    if (this.read<boolean>(NEEDS_STEP_UP, context)) assertSteppedUp(principal);
    return true;
  }

  private principalOf(request: FastifyRequest): Principal {
    const token = request.headers[PRINCIPAL_HEADER];
    if (!this.key || typeof token !== 'string') throw Problem.unauthorized();
    return verifyPrincipal(this.key, token, this.audience);
  }

  private read<T>(name: string, context: ExecutionContext): T | undefined {
    return this.reflector.getAllAndOverride<T | undefined>(name, [context.getHandler(), context.getClass()]);
  }
}
