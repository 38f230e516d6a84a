import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';
import type { Principal } from './principal.js';
import type { MaybeWithPrincipal } from './principal.decorators.js';

/** Who makes a request, as the audit log names them. */
export interface RequestCaller extends Pick<Principal, 'partnerId' | 'subject'> {
  /** The account as which they act, while impersonating. */
  onBehalfOf: number | null;
  ip: string | null;
  requestId: string | null;
}

/** Does the work of one request in a context of its caller's. */
export type Within = <T>(caller: RequestCaller, work: () => T) => T;

/** Handlers of requests with a principal run within it; public routes run as they are. */
export class WithinInterceptor implements NestInterceptor {
  constructor(private readonly within: Within) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { principal, id } = context.switchToHttp().getRequest<FastifyRequest & MaybeWithPrincipal>();
    if (!principal) return next.handle();
    return new Observable((subscriber) =>
      this.within(callerOf(principal, id), () => next.handle().subscribe(subscriber)),
    );
  }
}

const callerOf = (principal: Principal, requestId: string): RequestCaller => ({
  partnerId: principal.partnerId,
  subject: principal.actor?.subject ?? principal.subject,
  onBehalfOf: principal.actor ? principal.accountNo : null,
  ip: principal.ip,
  requestId,
});
