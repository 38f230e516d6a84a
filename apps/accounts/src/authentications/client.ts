import { CLIENT_HEADER, Problem, verifyService } from '@backhaul/http';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who is at the other end, as the gateway saw it. */
export interface Client {
  ip: string;
  userAgent: string;
  /** SHA-256 of what the session cookie held. */
  sessionHash: string | null;
}

type WithClient = FastifyRequest & { client?: Client };

/** SERVICE_TOKEN_KEY, where Nest injects it. */
export class ServiceKey {
  constructor(readonly text: string) {}
}

/** Lets in only what came through the gateway: also routes for people who have not logged in yet. */
@Injectable()
export class FromGateway implements CanActivate {
  constructor(private readonly key: ServiceKey) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<WithClient>();
    const claims = verifyService<Client>(this.key.text, 'client', request.headers[CLIENT_HEADER]);
    request.client = { ip: claims.ip, userAgent: claims.userAgent, sessionHash: claims.sessionHash };
    return true;
  }
}

export const FromClient = createParamDecorator((_: unknown, context: ExecutionContext): Client => {
  const { client } = context.switchToHttp().getRequest<WithClient>();
  if (!client) throw Problem.unauthorized();
  return client;
});
