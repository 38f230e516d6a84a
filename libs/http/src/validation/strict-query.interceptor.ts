import { type CallHandler, type ExecutionContext, type NestInterceptor, SetMetadata } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { type RawQuery, refuseOddQuery } from './query.js';

export const ANY_QUERY = 'backhaul:any-query';
/** The address takes whatever query comes: agents add their own. */
export const AnyQuery = (): MethodDecorator & ClassDecorator => SetMetadata(ANY_QUERY, true);

const NAMED_QUERY = /^4:/;

/** Refuses query parameters that a handler does not name; a handler with a query class leaves it to the pipe. */
export class StrictQueryInterceptor implements NestInterceptor {
  private readonly known = new WeakMap<object, ReadonlySet<string> | null>();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'http') {
      const query = context.switchToHttp().getRequest<FastifyRequest>().query as RawQuery;
      if (Object.keys(query).length > 0) this.check(context, query);
    }
    return next.handle();
  }

  private check(context: ExecutionContext, query: RawQuery): void {
    const handler = context.getHandler();
    const Class = context.getClass();
    if (Reflect.getMetadata(ANY_QUERY, handler) === true || Reflect.getMetadata(ANY_QUERY, Class) === true)
      return;
    let known = this.known.get(handler);
    if (known === undefined) {
      known = knownParameters(Class, handler.name);
      this.known.set(handler, known);
    }
    refuseOddQuery(query, known);
  }
}

/** The parameters a handler names one by one; null where it takes a class or the whole query. */
function knownParameters(Class: object, method: string): ReadonlySet<string> | null {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, Class, method) ?? {}) as Record<
    string,
    { data?: unknown }
  >;
  const names = Object.entries(args)
    .filter(([kind]) => NAMED_QUERY.test(kind))
    .map(([, arg]) => arg.data);
  return names.some((name) => typeof name !== 'string') ? null : new Set(names as string[]);
}
