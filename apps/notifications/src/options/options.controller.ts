import {
  ApiProblem,
  Caller,
  NumberParam,
  type Principal,
  Problem,
  READERS,
  Roles,
  ROLES,
} from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MailRepository } from '../mail/mail.repository.js';
import { type AccountOptions, ChangeOptionsHandler, optionsEtag } from './change-options.handler.js';
import { OptionsIn, OptionsOut, optionsOut, switchedOf } from './options.types.js';

const Changers = () =>
  Roles(
    'partner-senior-manager', 'partner-senior-it-manager', 'partner-senior-customer-service',
    'partner-customer-service', 'power-user',
  ); // prettier-ignore

/** My Account > Notifications: of which events an account's own contacts get a mail (A12, A13). */
@ApiTags('notification options')
@Controller('api/v1')
export class OptionsController {
  constructor(
    private readonly changeOptions: ChangeOptionsHandler,
    private readonly mails: MailRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Get('me/notification-options')
  @Roles(...ROLES)
  @ApiOkResponse({ type: OptionsOut })
  @ApiProblem(404, 'API keys and operators have no account.')
  async readOwn(
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OptionsOut> {
    return this.shown(await this.changeOptions.find(own(caller), accountOf(caller)), reply);
  }

  /** Boxes that are not named stay as they are. */
  @Put('me/notification-options')
  @Roles(...ROLES)
  @ApiOkResponse({ type: OptionsOut })
  async changeOwn(
    @Caller() caller: Principal,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: OptionsIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OptionsOut> {
    const wanted = switchedOf(body);
    const changed = await this.changeOptions.change(own(caller), accountOf(caller), ifMatch, wanted);
    return this.shown(changed, reply);
  }

  @Get('accounts/:no/notification-options')
  @Roles(...READERS, 'power-user')
  @ApiOkResponse({ type: OptionsOut })
  async read(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OptionsOut> {
    return this.shown(await this.changeOptions.find(caller, no), reply);
  }

  /** Boxes that are not named stay as they are. */
  @Put('accounts/:no/notification-options')
  @Changers()
  @ApiOkResponse({ type: OptionsOut })
  async change(
    @Caller() caller: Principal,
    @NumberParam('no') no: number,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: OptionsIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OptionsOut> {
    return this.shown(await this.changeOptions.change(caller, no, ifMatch, switchedOf(body)), reply);
  }

  private async shown(found: AccountOptions, reply: FastifyReply): Promise<OptionsOut> {
    reply.header('etag', optionsEtag(found));
    return optionsOut(found, await this.mails.undeliverable(this.unitOfWork, found.account));
  }
}

/** The own account may lie outside the brand in which somebody's role holds. */
const own = ({ partnerId, accountNo }: Principal) => ({ partnerId, brandId: null, onlyAccountNo: accountNo });

/** @throws Problem 404 for API keys and operators, who have no account */
function accountOf({ accountNo }: Principal): number {
  if (accountNo === null) throw Problem.notFound('Only an account has notification options.');
  return accountNo;
}
