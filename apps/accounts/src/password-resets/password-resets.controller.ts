import { toWellFormedText } from '@backhaul/domain';
import { Public } from '@backhaul/http';
import { Body, Controller, Header, HttpCode, Param, Post, Put, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { type Client, FromClient, FromGateway } from '../authentications/client.js';
import { ResetThrottle } from '../people/login-throttle.js';
import { IssueResetsHandler } from './issue-resets.handler.js';
import { PasswordResetRepository } from './password-reset.repository.js';
import { NewPasswordIn, RequestResetIn } from './password-resets.types.js';
import { ResetPasswordHandler } from './reset-password.handler.js';

/** A forgotten password, by a link that is mailed to the account's contact. */
@ApiTags('session')
@Public()
@UseGuards(FromGateway)
@Controller('api/v1/password-resets')
export class PasswordResetsController {
  constructor(
    private readonly throttle: ResetThrottle,
    private readonly resets: PasswordResetRepository,
    private readonly issueResets: IssueResetsHandler,
    private readonly resetPassword: ResetPasswordHandler,
  ) {}

  /** The same answer whether the name is known or not. A link that was mailed before opens nothing any more. */
  @Post()
  @HttpCode(202)
  @Header('cache-control', 'no-store')
  @ApiAcceptedResponse()
  async request(@Body() body: RequestResetIn, @FromClient() { ip }: Client): Promise<void> {
    const username = toWellFormedText(body.username);
    await this.throttle.begin(username, ip);
    await this.resets.request(username);
    this.issueResets.wake();
  }

  /** Once, within 30 minutes. Ends every session and token of the person. */
  @Put(':token')
  @HttpCode(204)
  @Header('cache-control', 'no-store')
  @ApiNoContentResponse()
  async reset(
    @Param('token') token: string,
    @Body() { password }: NewPasswordIn,
    @FromClient() client: Client,
  ): Promise<void> {
    await this.resetPassword.handle(token, password, client);
  }
}
