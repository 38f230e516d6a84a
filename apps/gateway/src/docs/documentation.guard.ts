import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Problem } from '@backhaul/http';
import { AuthenticationGuard } from '../authentication/authentication.guard.js';

/** The documentation is for who has a login (A23). A browser without a session asks for the one of a Partner API account. */
@Injectable()
export class DocumentationGuard implements CanActivate {
  constructor(private readonly authentication: AuthenticationGuard) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.authentication.canActivate(context);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      throw Problem.unauthorized(error.detail, 'Basic realm="backhaul", charset="UTF-8"');
    }
  }
}
