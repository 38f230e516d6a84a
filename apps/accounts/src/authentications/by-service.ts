import { SERVICE_HEADER, type ServicePurpose, verifyService } from '@backhaul/http';
import { type CanActivate, type ExecutionContext, Injectable, mixin, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ServiceKey } from './client.js';

/** Lets in only another of our services, for this purpose; the principal of a user opens nothing here. */
export function ByService(purpose: ServicePurpose): Type<CanActivate> {
  @Injectable()
  class Guard implements CanActivate {
    constructor(private readonly key: ServiceKey) {}

    canActivate(context: ExecutionContext): boolean {
      const request = context.switchToHttp().getRequest<FastifyRequest>();
      verifyService(this.key.text, purpose, request.headers[SERVICE_HEADER]);
      return true;
    }
  }
  return mixin(Guard);
}
