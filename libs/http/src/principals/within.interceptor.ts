import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { Principal } from './principal.js';
import type { MaybeWithPrincipal } from './principal.decorators.js';

/** Does the work of one request in a context of its caller's. */
export type Within = <T>(principal: Principal, work: () => T) => T;

/** Handlers of requests with a principal run within it; public routes run as they are. */
export class WithinInterceptor implements NestInterceptor {
  constructor(private readonly within: Within) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { principal } = context.switchToHttp().getRequest<MaybeWithPrincipal>();
    if (!principal) return next.handle();
    return new Observable((subscriber) => this.within(principal, () => next.handle().subscribe(subscriber)));
  }
}
