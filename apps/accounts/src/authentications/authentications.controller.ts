import { type Identity, Public } from '@backhaul/http';
import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AuthenticateHandler } from './authenticate.handler.js';
import { AuthenticationIn } from './authentications.types.js';
import { ByService } from './by-service.js';

/** For the gateway alone: whose is this credential, in this moment? */
@ApiExcludeController()
@Public()
@UseGuards(ByService('authentication'))
@Controller('internal/authentications')
export class AuthenticationsController {
  constructor(private readonly authenticate: AuthenticateHandler) {}

  @Post()
  @HttpCode(200)
  read(@Body() { kind, secret, username, ip, isPassive = false }: AuthenticationIn): Promise<Identity> {
    switch (kind) {
      case 'session':
        return this.authenticate.bySession(secret, isPassive);
      case 'token':
        return this.authenticate.byToken(secret);
      case 'basic':
        return this.authenticate.byPassword(username ?? '', secret, ip);
    }
  }
}
