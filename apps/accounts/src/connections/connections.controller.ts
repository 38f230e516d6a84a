import {
  Caller,
  fastPathValidator,
  type Principal,
  Problem,
  WholePartner,
  NeedsStepUp,
  NotWhileImpersonating,
} from '@backhaul/http';
import { PROVIDER_NAMES, type ProviderName } from '@backhaul/psa';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { shown } from '../answers.js';
import { MaySetUp } from '../rights.js';
import { ChangeConnectionsHandler } from './change-connections.handler.js';
import { connectionOut } from './connection-out.js';
import { ConnectionRepository } from './connection.repository.js';
import {
  AutotaskConnectionIn,
  CheckOut,
  ConnectionOut,
  ConnectWiseConnectionIn,
  ProviderOut,
  SettingsIn,
  SettingsOut,
} from './connections.types.js';
import { providerOf } from './provider.js';
import { SaveSettingsHandler } from './save-settings.handler.js';
import { SoapEndDate } from './soap-end-date.js';
import { TestConnectionHandler } from './test-connection.handler.js';

/** As the menu of integration providers lists them (B2). */
const NAMES: Record<ProviderName, string> = { connectwise: 'ConnectWise PSA', autotask: 'Autotask PSA' };

const reference = (
  Class: typeof ConnectWiseConnectionIn | typeof AutotaskConnectionIn,
): { $ref: string } => ({
  $ref: getSchemaPath(Class),
});

/** The links to the partner's business systems. Secrets go in and never come out. */
@ApiTags('PSA')
@ApiExtraModels(ConnectWiseConnectionIn, AutotaskConnectionIn)
@MaySetUp()
@WholePartner()
@Controller('api/v1/psa')
export class ConnectionsController {
  constructor(
    private readonly changeConnections: ChangeConnectionsHandler,
    private readonly testConnection: TestConnectionHandler,
    private readonly connections: ConnectionRepository,
    private readonly soapEnd: SoapEndDate,
    private readonly saveSettings: SaveSettingsHandler,
  ) {}

  @Get('providers')
  @ApiOkResponse({ type: ProviderOut, isArray: true })
  async providers(@Caller() caller: Principal): Promise<ProviderOut[]> {
    const configured = new Set((await this.connections.all(caller)).map((row) => row.provider));
    return PROVIDER_NAMES.map((id) => ({ id, name: NAMES[id], isConfigured: configured.has(id) }));
  }

  @Get(':provider/connection')
  @ApiOkResponse({ type: ConnectionOut })
  async read(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionOut> {
    const provider = providerOf(name);
    const stored = await this.changeConnections.read(caller, provider);
    return shown(reply, stored.etag, connectionOut(provider, stored.shown, this.soapEnd.seen()));
  }

  @Put(':provider/connection')
  @NeedsStepUp()
  @NotWhileImpersonating()
  @ApiBody({ schema: { oneOf: [ConnectWiseConnectionIn, AutotaskConnectionIn].map(reference) } })
  @ApiOkResponse({ type: ConnectionOut })
  async put(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: object,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConnectionOut> {
    const provider = providerOf(name);
    const form = checkedBody(provider, body);
    const stored = await this.changeConnections.put(caller, provider, ifMatch, form);
    return shown(reply, stored.etag, connectionOut(provider, stored.shown, this.soapEnd.seen()));
  }

  @Delete(':provider/connection')
  @NeedsStepUp()
  @NotWhileImpersonating()
  @HttpCode(204)
  @ApiNoContentResponse()
  async remove(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.changeConnections.remove(caller, providerOf(name), ifMatch);
  }

  @Post(':provider/connection/test')
  @NotWhileImpersonating()
  @HttpCode(200)
  @ApiOkResponse({ type: CheckOut })
  test(@Caller() caller: Principal, @Param('provider') name: string): Promise<CheckOut> {
    return this.testConnection.test(caller, providerOf(name));
  }

  @Get(':provider/settings')
  @ApiOkResponse({ type: SettingsOut })
  async readSettings(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SettingsOut> {
    const { settings, etag } = await this.changeConnections.readSettings(caller, providerOf(name));
    return shown(reply, etag, settings);
  }

  @Put(':provider/settings')
  @ApiOkResponse({ type: SettingsOut })
  async putSettings(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: SettingsIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SettingsOut> {
    const { settings, etag } = await this.saveSettings.put(caller, providerOf(name), ifMatch, body);
    return shown(reply, etag, settings);
  }
}

const FORMS = {
  connectwise: fastPathValidator(ConnectWiseConnectionIn),
  autotask: fastPathValidator(AutotaskConnectionIn),
};

/** Which class the body must fit depends on the path. @throws Problem 400 */
function checkedBody(provider: ProviderName, body: object): ConnectWiseConnectionIn | AutotaskConnectionIn {
  if (body === null || typeof body !== 'object')
    throw Problem.badRequest([{ pointer: '', detail: 'must be an object', rule: 'isObject' }]);
  return FORMS[provider](body);
}
